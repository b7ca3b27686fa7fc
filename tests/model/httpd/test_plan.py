"""What httpd opens and closes."""

from hostprobe.facts.httpd import Configuration, HttpdStart, ModuleLoad, Where
from hostprobe.facts.plan import Close, Open, OpenFlags
from hostprobe.model.httpd.plan import httpd_plan

APR = OpenFlags.NOW | OpenFlags.GLOBAL
LATE = Open("/late.so", OpenFlags.LAZY, by="php")


def plan(*paths, late=(), restarts=0, drivers=(), **environment):
    loads = tuple(ModuleLoad(path, None, Where("/c", 1, 1)) for path in paths)
    start = HttpdStart("/bin/httpd", "/c", "/", environment=environment)
    return httpd_plan(Configuration(start, (), loads, ("/c",), ()), late, restarts, drivers)


def steps(found):
    return ["-" * isinstance(one, Close) + one.path for one in found.operations]


def test_the_configuration_is_read_twice_and_closed_in_reverse_between():
    assert steps(plan("/a", "/b", late=(LATE,))) == [
        "/a", "/b", "-/b", "-/a", "/a", "/b", "/late.so"
    ]  # fmt: skip


def test_a_restart_closes_and_opens_everything_once_more():
    assert steps(plan("/a", late=(LATE,), restarts=1))[3:] == [
        "/late.so", "-/late.so", "-/a", "/a", "/late.so"
    ]  # fmt: skip


def test_what_is_kept_is_opened_again_but_never_closed():
    zend = Open("/z.so", OpenFlags.LAZY, by="php", is_kept=True)
    assert steps(plan("/a", late=(zend, LATE), restarts=1))[3:] == [
        "/z.so", "/late.so", "-/late.so", "-/a", "/a", "/z.so", "/late.so"
    ]  # fmt: skip


def test_a_driver_of_apr_util_is_opened_once():
    early, late = (Open(path, APR, by="apr-util", is_kept=True) for path in ("/e", "/l"))
    assert steps(plan("/a", late=(LATE, late), restarts=1, drivers=(early,))) == [
        "/a", "/e", "-/a", "/a", "/late.so", "/l", "-/late.so", "-/a", "/a", "/late.so"
    ]  # fmt: skip


def test_opens_are_those_of_apr():
    first = plan("/z.so").operations[0]
    assert first == Open("/z.so", APR, by="apr", where="/c:1")


def test_a_bare_name_is_searched_for_by_the_paths_of_libapr():
    first = plan("z.so").operations[0]
    assert first == Open("z.so", APR, "libapr-1.so.0", by="apr", where="/c:1")


def test_deepbind_of_one_distribution_is_a_guess():
    first = plan("/a", APR_DEEPBIND="1").operations[0]
    assert first.flags == APR | OpenFlags.DEEPBIND
    assert first.guess


def test_only_variables_of_the_loader_come_along():
    found = plan(LD_PRELOAD="/p.so", HOME="/root", LD_LIBRARY_PATH="/l")
    assert found.environment == {"LD_PRELOAD": "/p.so", "LD_LIBRARY_PATH": "/l"}
    assert found.main == "/bin/httpd"
