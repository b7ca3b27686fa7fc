"""Foreign packages of checks, installed by pip into a scratch environment with hostprobe."""

import json
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from hostprobe.catalogue import discover

pytestmark = pytest.mark.real
EXAMPLE = Path(__file__).parent.parent / "plugin_example"
ID = "daemon-request-timeout"
BROKEN = {
    "raises_at_import": "raise RuntimeError('no\\x1b such table')\n",
    "defines_nothing": "",
    "raises_in_its_body": '''
from hostprobe.check import Severity, check

@check(Severity.low)
def raises_in_its_body():
    """A check that fails."""
    yield 1 / 0
''',
    "asks_for_what_nobody_provides": '''
from hostprobe.check import Severity, check

@check(Severity.low)
def asks_for_what_nobody_provides(moon: complex):
    """A check that cannot be served."""
    yield from ()
''',
}
CONFIG = """
ServerName example.org
Listen 127.0.0.1:80
LoadModule wsgi_module /usr/lib/apache2/modules/mod_wsgi.so
WSGIDaemonProcess shop threads=5
WSGIDaemonProcess news threads=5 request-timeout=30
WSGIScriptAlias /shop /srv/shop.wsgi process-group=shop
"""


def write_broken(folder):
    """A package of checks that is no example for anybody; its second entry leads nowhere."""
    package = folder / "broken_checks"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    for module, source in BROKEN.items():
        (package / f"{module}.py").write_text(source)
    text = (EXAMPLE / "pyproject.toml").read_text().replace("house", "broken")
    (folder / "pyproject.toml").write_text(f'{text}lost = "lost_checks"\n')


@pytest.fixture(scope="module")
def python(tmp_path_factory):
    """The interpreter of an environment with hostprobe, the example and the broken package."""
    folder = tmp_path_factory.mktemp("plugin")
    shutil.copytree(EXAMPLE, folder / "example")
    write_broken(folder / "broken")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder / "venv"], check=True)
    found = folder / "venv/bin/python"
    (site,) = (folder / "venv").glob("lib/python3.*/site-packages")
    ours = sysconfig.get_path("purelib")
    (site / "hostprobe-beside.pth").write_text(f"import site; site.addsitedir({ours!r})\n")
    pip = [sys.executable, "-m", "pip", "--python", found, "install", "-q"]
    subprocess.run([*pip, "hatchling"], check=True, timeout=300)
    projects = [folder / "example", folder / "broken"]
    subprocess.run([*pip, "--no-deps", "--no-build-isolation", *projects], check=True, timeout=300)
    return found


@pytest.fixture(scope="module")
def hostprobe(python):
    def run(*arguments):
        command = [python, "-m", "hostprobe", *map(str, arguments)]
        return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)

    return run


@pytest.fixture(scope="module")
def report(hostprobe, tmp_path_factory):
    """A scan of one configuration with all checks there are."""
    config = tmp_path_factory.mktemp("config") / "httpd.conf"
    config.write_text(CONFIG)
    done = hostprobe("scan", "--config", config, "--no-live", "--format", "json")
    assert done.stderr == ""
    return json.loads(done.stdout)


def test_the_list_has_the_check_and_names_what_is_broken(hostprobe):
    done = hostprobe("checks")
    assert f"{ID} " in done.stdout
    assert "A daemon process group has no request-timeout." in done.stdout
    assert done.returncode == 3
    told = dict(line.split(" cannot be loaded: ") for line in done.stderr.splitlines())
    assert told == {
        "hostprobe checks: raises-at-import": "RuntimeError: no\\x1b such table",
        "hostprobe checks: defines-nothing": "broken_checks.defines_nothing defines no check "
        "defines_nothing",
        "hostprobe checks: lost_checks": "ModuleNotFoundError: No module named 'lost_checks'",
    }


def test_its_page_is_explained(hostprobe):
    done = hostprobe("explain", ID)
    assert done.returncode == 0
    assert done.stdout.startswith(f"{ID} (up to medium)\n")
    assert "WSGIDaemonProcess.html" in done.stdout


def test_it_fires_where_it_should_and_is_silent_where_not(report):
    (finding,) = (each for each in report["findings"] if each["check"] == ID)
    assert finding["subject"] == "process-group:shop"
    assert finding["affected"] == ["example.org/shop (/srv/shop.wsgi)"]
    assert finding["evidence"]["where"].endswith("httpd.conf:5")


def test_it_can_be_selected_alone(hostprobe, tmp_path):
    config = tmp_path / "httpd.conf"
    config.write_text(CONFIG.replace("threads=5\n", "threads=5 request-timeout=9\n"))
    done = hostprobe("scan", "--config", config, "--no-live", "--select", ID, "--format", "json")
    assert [(each["id"], each["outcome"]) for each in json.loads(done.stdout)["checks"]] == [
        (ID, "clean")
    ]


def test_a_broken_package_fails_alone_and_every_other_check_still_runs(report):
    outcomes = {each["id"]: each["outcome"] for each in report["checks"]}
    failed = {name.replace("_", "-") for name in BROKEN} | {"lost_checks"}
    assert {name for name, outcome in outcomes.items() if outcome == "failed"} == failed
    assert outcomes.keys() - failed - {ID} == discover().checks.keys()
    assert not report["complete"]


def test_the_reasons_of_failures_are_told(report):
    reasons = {each["id"]: each["reason"] for each in report["checks"]}
    assert reasons["raises-in-its-body"].startswith("ZeroDivisionError: division by zero (raises_")
    assert "nothing provides complex" in reasons["asks-for-what-nobody-provides"]
