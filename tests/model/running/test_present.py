"""The httpd that runs as a linker model, beside what the configuration plans."""

import pytest

from hostprobe.facts.plan import Open, OpenFlags
from hostprobe.model.running.present import added, left_over, present
from tests.model.linked_host import CONFIG, EXTENSION, HTTPD, thing
from tests.model.running.builder import live, mapped, process

ONE, TWO, GONE = "/mods/mod_one.so", "/mods/mod_two.so", "/mods/mod_gone.so"
PHP = "/php/mysql.so"
OBJECTS = {
    ONE: thing(["one_module"]),
    TWO: thing(["two_module"]),
    GONE: thing(["gone_module"]),
    PHP: thing(),
}
FILES = (mapped(HTTPD), mapped(ONE, 0x9000), mapped(TWO, 0x7000))


def linkage(files, modules=(ONE, TWO), **changes):
    return live(
        OBJECTS | {EXTENSION: thing(["PyInit__fast"])}, [process(7, files)], modules, **changes
    )


def loads(linkage, **changes):
    now = present(linkage, linkage.running, **changes)
    return [load.path for load in now.instance.configuration.loads]


def test_what_is_planned_and_mapped_is_the_plan():
    one = linkage(FILES)
    assert loads(one) == [ONE, TWO]
    assert list(added(one, one.running)) == list(left_over(one, one.running)) == []


def test_a_planned_module_that_is_not_mapped_is_added_by_the_restart():
    one = linkage(FILES[:2])
    assert loads(one) == [ONE]
    assert [load.path for load in added(one, one.running)] == [TWO]


@pytest.mark.parametrize(
    ("start", "order"),
    [(0xA000, [GONE, ONE, TWO]), (0x8000, [ONE, GONE, TWO]), (0x6000, [ONE, TWO, GONE])],
)
def test_a_module_that_is_no_longer_planned_stands_where_its_address_says(start, order):
    one = linkage((*FILES, mapped(GONE, start)))
    assert loads(one) == order
    ((load,)) = left_over(one, one.running)
    assert (load.path, load.symbol) == (GONE, "gone_module")


def test_a_library_that_no_plan_explains_is_no_module():
    one = linkage((*FILES, mapped(PHP, 0x6000)))
    assert list(left_over(one, one.running)) == []


def test_a_module_that_fails_to_load_from_disk_is_still_loaded_where_it_is_mapped():
    old = mapped(TWO, 0x7000, inode=9, deleted=True)
    broken = thing(["two_module"], needed=["libgone.so"])
    one = live(OBJECTS | {TWO: broken}, [process(7, (*FILES[:2], old))], [ONE, TWO],
               old=[(7, old, OBJECTS[TWO])])  # fmt: skip
    now = present(one, one.running)
    assert one.parent.failures
    assert now.parent.failures == ()
    assert loads(one) == [ONE, TWO]
    assert list(left_over(one, one.running)) == []


def test_late_opens_are_those_that_are_mapped():
    late = (Open(PHP, OpenFlags.NOW),)
    for files, count in ((FILES, 0), ((*FILES, mapped(PHP, 0x6000)), 1)):
        one = linkage(files, late=late)
        assert len(present(one, one.running).instance.late_opens) == count


def test_without_mod_wsgi_in_the_process_there_is_no_python_yet():
    one = linkage(FILES[:2], mod_wsgi=TWO)
    now = present(one, one.running).instance
    assert (now.mod_wsgi, now.applications) == (None, ())


@pytest.mark.parametrize(
    ("changed", "is_imported", "is_known"),
    [
        ((), False, True),
        ((CONFIG,), False, False),
        (("/etc/apache2/",), False, False),
        (("/etc/other.conf",), False, True),
        ((CONFIG,), True, True),
    ],
)
def test_an_application_of_a_changed_file_counts_where_its_extensions_are_mapped(
    changed, is_imported, is_known
):
    files = (*FILES, mapped(EXTENSION, 0x100)) if is_imported else FILES
    one = linkage(files, mod_wsgi=TWO)
    assert bool(present(one, one.running, changed).instance.applications) == is_known
