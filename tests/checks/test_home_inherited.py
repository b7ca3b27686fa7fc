"""HOME from the start of httpd, and embedded applications that read it."""

import pytest
from hostprobe_checks.home_inherited import home_inherited

from hostprobe.check import Certainty, Severity
from hostprobe.model.running.processes import Role, Running, RunningProcess
from tests.model.embedded_hosts import egg, models
from tests.model.running.builder import process
from tests.model.sharing.host import mount

READS = "open(os.path.expanduser('~/.shoprc'))\n"
MENDS = "import pwd\nos.environ['HOME'] = pwd.getpwuid(os.getuid()).pw_dir\n"
ROOT = {"environment": {"HOME": "/root"}, "origin": "httpd.service"}
UNIT = "/lib/systemd/system/httpd.service"
BY_UNIT = {"environment": {}, "origin": "httpd.service", "binary": "/usr/sbin/httpd"}
BY_HAND = {"environment": {}, "origin": "compiled into /usr/sbin/httpd"}


def unit(lines=""):
    return {UNIT: f"[Service]\nExecStart=/usr/sbin/httpd -DFOREGROUND\n{lines}"}


def live(**environment):
    parent = RunningProcess(process(7, environment=environment), Role.PARENT)
    return Running((parent, RunningProcess(process(8, parent=7), Role.CHILD)))


def run(body=READS, text="", contents=(), **changes):
    start = ROOT | changes
    start.pop("binary", None)
    return list(home_inherited.body(*models({"shop": body}, text, contents, **start)))


@pytest.mark.parametrize(
    ("body", "read"),
    [
        (READS, "os.path.expanduser('~/.shoprc')"),
        ("from os.path import expanduser as e\ne('~')", "os.path.expanduser('~')"),
        ("from pathlib import Path\nPath.home()", "pathlib.Path.home()"),
        ("from pathlib import Path\nPath('~/x').expanduser()", "pathlib.Path.expanduser('~/x')"),
        ("os.environ['HOME']", "os.environ.__getitem__('HOME')"),
        ("os.environ.get('HOME')", "os.environ.get('HOME')"),
        ("os.getenv('HOME')", "os.getenv('HOME')"),
        ("os.path.expandvars('$HOME/x')", "os.path.expandvars('$HOME/x')"),
        ("import matplotlib.pyplot as plt", "import matplotlib.pyplot"),
        ("os.environ.setdefault('HOME', '/x')\n" + READS, "os.path.expanduser('~/.shoprc')"),
        (READS + MENDS, "os.path.expanduser('~/.shoprc')"),
    ],
)
def test_it_fires_for_every_way_to_read_home(body, read):
    (finding,) = run(body)
    assert (finding.severity, finding.certainty) == (Severity.medium, Certainty.certain)
    assert finding.evidence["reads"][0].endswith(f": {read}")
    assert finding.evidence["home"] == "/var/www"
    assert finding.affected == ("h/shop (/srv/shop/shop.wsgi)",)
    assert "pwd.getpwuid(os.getuid()).pw_dir" in finding.remedy[0]


EGG = "/opt/shop-1.egg"
EGGS = {EGG: egg(shop__fast_dot_so="ELF", shop__fast_dot_py="")}


def test_it_fires_for_a_zipped_egg_that_is_unpacked_below_home():
    (finding,) = run("import shop", f"WSGIPythonPath {EGG}", EGGS)
    (read,) = finding.evidence["reads"]
    assert read.startswith(EGG)
    assert read.endswith("unpacked below HOME")


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("import shop", f"WSGIPythonPath {EGG}\nWSGIPythonEggs /var/cache/eggs"),
        (
            "os.environ['PYTHON_EGG_CACHE'] = '/var/cache/eggs'\nimport shop",
            f"WSGIPythonPath {EGG}",
        ),
        (MENDS + "import shop", f"WSGIPythonPath {EGG}"),
    ],
)
def test_it_is_silent_about_an_egg_with_another_cache(body, text):
    assert run(body, text, EGGS) == []


@pytest.mark.parametrize(
    ("changes", "certainty"),
    [
        ({"running": live(HOME="/home/alice"), "environment": {}}, Certainty.observed),
        ({"contents": unit("User=root\n"), **BY_UNIT}, Certainty.certain),
        ({"contents": unit("SetLoginEnvironment=yes\n"), **BY_UNIT}, Certainty.certain),
        (BY_HAND, Certainty.possible),
    ],
    ids=["live", "user=root", "login environment", "by hand"],
)
def test_it_fires_for_every_start_that_hands_home_on(changes, certainty):
    (finding,) = run(**changes)
    assert finding.certainty is certainty


def test_in_a_function_it_is_likely():
    (finding,) = run(f"def f():\n    {READS}")
    assert finding.certainty is Certainty.likely


@pytest.mark.parametrize(
    "changes",
    [
        {"environment": {}, "contents": unit()},
        {"environment": {"HOME": "/var/www/"}},
        {"running": live()},
        {"running": live(HOME="/var/www")},
        {"contents": unit(), **BY_UNIT},
        {"contents": unit("User=www-data\n"), **BY_UNIT},
        {"contents": {"/etc/sysconfig/httpd": "unset HOME\n"}, **BY_HAND},
        {"environment": {}, "origin": "--config"},
    ],
    ids=["none", "right", "live none", "live right", "unit", "User=", "unset", "--config"],
)
def test_it_is_silent_where_home_is_absent_or_right(changes):
    assert run(**changes) == []


DAEMON = "WSGIDaemonProcess shop\n" + mount("shop", "process-group=shop")


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (MENDS + READS, ""),
        ("os.environ.pop('HOME', None)\n" + READS, ""),
        (MENDS + f"def f():\n    {READS}", ""),
        (f"def f():\n    {READS}" + MENDS, ""),
        ("os.environ['MPLCONFIGDIR'] = '/var/cache/mpl'\nimport matplotlib", ""),
        ("os.path.expanduser('~bob/x')", ""),
        ("os.environ['HOMEPAGE']\nos.getenv('PATH')", ""),
        ("open('/srv/x')", ""),
        ("import matplotlib_inline", ""),
        ("if __name__ == '__main__':\n    " + READS, ""),
        (READS, DAEMON),
        (READS, mount("shop", "process-group=%{ENV:X}")),
    ],
)
def test_it_is_silent_where_nobody_reads_it(body, text):
    assert run(body, text) == []


def test_a_module_that_nothing_imports_does_not_count():
    assert run("", contents={"/srv/shop/tool.py": "import os\n" + READS}) == []
