"""Zipped eggs and the directories that they are unpacked into."""

import pytest
from hostprobe_checks.egg_cache_unwritable import egg_cache_unwritable

from hostprobe.check import Certainty, Severity
from tests.model.embedded_hosts import egg, models
from tests.model.sharing.host import mount

EGG = "/opt/lib/shop-1.0-py3.11.egg"
PATH = f"WSGIPythonPath {EGG}\n"
ASKS = "import pkg_resources\npkg_resources.resource_filename(__name__, 'htdocs')\n"
OWNERS = {
    "/var/cache": (0o755, 0, 0),
    "/var/cache/eggs": (0o700, 33, 33),
    "/var/cache/shared": (0o777, 0, 0),
    "/var/cache/sticky": (0o1777, 0, 0),
    "/var/cache/group": (0o770, 0, 33),
    "/var/cache/shop": (0o700, 1000, 1000),
    "/srv/private": (0o700, 33, 33),
    "/srv/private/shared": (0o777, 33, 33),
}


EXTENSION = egg(shop__fast_dot_so="ELF", shop__fast_dot_py=ASKS, shop__init_dot_py="")


def run(body="import shop\n", text=PATH, data=EXTENSION, *, contents=(), owners=(), **start):
    files = {EGG: data, **dict(contents)}
    found = models({"app": body}, text, files, owners=OWNERS | dict(owners), **start)
    return list(egg_cache_unwritable.body(*found))


def test_it_fires_for_a_home_that_the_user_may_not_write():
    (finding,) = run()
    assert (finding.severity, finding.certainty) == (Severity.high, Certainty.likely)
    assert finding.subject == "egg-cache:/var/www/.cache/Python-Eggs"
    assert finding.evidence["obstacle"] == "www-data may not write /var/www"
    assert finding.remedy[:2] == (
        "install -d -o www-data -g www-data -m 0700 /var/cache/python-eggs/www-data",
        "In the main server's configuration write: WSGIPythonEggs /var/cache/python-eggs/www-data",
    )


@pytest.mark.parametrize(
    ("data", "body"),
    [
        (egg(shop__web_dot_py=ASKS), ""),
        (egg(**{"EGG-INFO__eager_resources_dot_txt": "x\n", "shop__a_dot_py": ""}), ""),
        (
            egg(shop__a_dot_py=""),
            "from pkg_resources import resource_filename as f\nf('shop', 'x')",
        ),
    ],
    ids=["egg asks", "eager", "application asks"],
)
def test_it_fires_for_resources_that_are_unpacked(data, body):
    assert len(run(body, data=data)) == 1


def test_an_egg_that_nobody_imports_is_only_possible():
    (finding,) = run("")
    assert finding.certainty is Certainty.possible


def cache(path):
    return f"{PATH}WSGIPythonEggs {path}\n"


DAEMON = f"WSGIDaemonProcess d python-path={EGG} user=shop group=shop python-eggs=%s\n" + mount(
    "app", "process-group=d"
)


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"text": cache("/var/cache/shop")}, "/var/cache/shop"),
        ({"text": cache("/var/cache/new/deep")}, "/var/cache/new/deep"),
        ({"text": cache("/etc/passwd")}, "/etc/passwd"),
        ({"text": DAEMON % "/var/cache/eggs"}, "/var/cache/eggs"),
        ({"environment": {"HOME": "/root"}}, "/root/.cache/Python-Eggs"),
        ({"environment": {"XDG_CACHE_HOME": "/etc"}}, "/etc/Python-Eggs"),
        ({"environment": {"PYTHON_EGG_CACHE": "/etc/eggs"}}, "/etc/eggs"),
        ({"body": "import shop\nos.environ['PYTHON_EGG_CACHE'] = '/etc/eggs'\n"}, "/etc/eggs"),
        ({"contents": {"/opt/lib/pkg_resources.py": ""}}, "/var/www/.python-eggs"),
    ],
)
def test_it_fires_for_the_cache_that_counts(changes, path):
    changes = dict(changes)
    if "contents" in changes:
        changes["text"] = f"WSGIPythonPath {EGG}:/opt/lib\n"
    (finding,) = run(**changes)
    assert finding.evidence["cache"] == path


@pytest.mark.parametrize("path", ["/var/cache/shared", "/var/cache/sticky"])
def test_it_fires_for_a_cache_that_everybody_may_write(path):
    (finding,) = run(text=cache(path))
    assert finding.evidence["obstacle"] == f"everybody may write {path}"
    assert finding.remedy[0] == f"install -d -o www-data -g www-data -m 0700 {path}"


def test_the_daemons_option_is_the_remedy_in_daemon_mode():
    (finding,) = run(text=DAEMON % "/var/cache/eggs")
    assert (
        "in WSGIDaemonProcess d write python-eggs=/var/cache/python-eggs/shop"
        in (finding.remedy[1])
    )


SET = "os.environ['PYTHON_EGG_CACHE'] = '/var/cache/eggs'\nimport shop\n"
DONE = {"/var/cache/shop/shop-1.0-py3.11.egg-tmp/shop/fast.so": "ELF"}


@pytest.mark.parametrize(
    "changes",
    [
        {"text": cache("/var/cache/eggs")},
        {"text": cache("/var/cache/eggs/new")},
        {"text": cache("/var/cache/group")},
        {"text": cache("/srv/private/shared")},
        {"text": DAEMON % "/var/cache/shop"},
        {"text": f"WSGIDaemonProcess d user=shop group=shop python-path={EGG}\n"
         + mount("app", "process-group=d")},
        {"body": SET},
        {"body": SET, "text": cache("/etc")},
        {"body": "os.environ['PYTHON_EGG_CACHE'] = name\nimport shop"},
        {"environment": {"PYTHON_EGG_CACHE": "/var/cache/eggs"}},
        {"data": egg(shop__a_dot_py="", shop__htdocs__a_dot_txt="")},
        {"text": ""},
        {"data": b"no archive"},
        {"text": f"{PATH}WSGIPythonEggs /var/cache/shop\n", "contents": DONE,
         "owners": {"/var/cache/shop": (0o755, 0, 0)}},
    ],
    ids=[
        "own", "below own", "group", "closed above", "daemon", "daemon's home", "script",
        "script wins", "computed", "environment", "pure", "not on the path", "damaged", "unpacked",
    ],
)  # fmt: skip
def test_it_is_silent(changes):
    assert run(**changes) == []


def test_it_is_silent_for_an_unpacked_egg():
    contents = {f"{EGG}/shop/fast.so": "ELF", f"{EGG}/shop/fast.py": ""}
    found = models({"app": "import shop\n"}, PATH, contents)
    assert list(egg_cache_unwritable.body(*found)) == []


def test_it_fires_for_the_plugins_of_a_trac_environment():
    plugin = {"/srv/trac/plugins/hooks-1.egg": egg(hooks__web_dot_py=ASKS)}
    (finding,) = run("os.environ['TRAC_ENV'] = '/srv/trac'\n", "", contents=plugin)
    assert finding.evidence["eggs"][0].startswith("/srv/trac/plugins/hooks-1.egg: resources")
