"""Every package is built, installed where nothing of hostprobe is yet, run, and removed again."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import venv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.real.build import PYTHON, run
from tests.real.packages import EPOCH, REPOSITORY, debian_root, package
from tests.real.systemd import BootedSystem, may_mount

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(os.geteuid() != 0, reason="makes a Debian root"),
]
needs_a_system = pytest.mark.skipif(not may_mount(), reason="no namespace of its own granted")

SAMPLE = ("scan", "--snapshot", "sample", "--format", "json")
FOUND = 1
UNITS = sorted(
    path.name
    for path in (REPOSITORY / "systemd").iterdir()
    if path.suffix in (".service", ".timer")
)
LISTING = """
find / -xdev \\( -path /proc -o -path /sys -o -path /dev -o -path /run -o -path /tmp \\
  -o -path /var/cache -o -path /var/lib/apt -o -path /var/log \\) -prune -o -print
"""
KEPT = {"/etc/.pwd.lock", "/etc/group-", "/etc/gshadow-", "/etc/passwd-", "/etc/shadow-"}
"""The user stays, and with it what systemd-sysusers wrote beside the files of users."""

OTHERS = re.compile(r"/var/lib/(dpkg|ucf|python|systemd/catalog)\b.*|/var/lib/systemd/timers")
"""What dpkg, ucf, Python's packages and systemd keep for themselves."""


def conflicts(text: str) -> set[str]:
    """The checks that find something in a report."""
    return {finding["check"] for finding in json.loads(text)["findings"]}


SAMPLE_CONFLICTS = {"symbol-interposed", "libxml2-mixed"}


def judged(*command: str | Path) -> set[str]:
    """What a scan of the bundled sample finds; it must end with 1."""
    done = subprocess.run([*command, *SAMPLE], capture_output=True, text=True, check=False)
    assert done.returncode == FOUND, done.stderr
    return conflicts(done.stdout)


def test_the_wheel_works_in_an_environment_of_its_own(tmp_path: Path) -> None:
    venv.create(tmp_path, with_pip=True)
    run(tmp_path / "bin/pip", "install", "--quiet", package("*.whl"))
    assert judged(tmp_path / "bin/hostprobe") >= SAMPLE_CONFLICTS


def test_the_sdist_alone_builds_the_same_wheel(tmp_path: Path) -> None:
    run("tar", "-xzf", package("*.tar.gz"), "-C", tmp_path)
    (source,) = tmp_path.iterdir()
    build = REPOSITORY / ".venv/bin/hatchling"
    run("env", EPOCH, build, "build", "-t", "wheel", cwd=source)
    (wheel,) = (source / "dist").iterdir()
    assert wheel.read_bytes() == package("*.whl").read_bytes()


def test_lintian_has_nothing_to_say() -> None:
    assert run("lintian", "--fail-on", "error,warning", package("*.changes")) == ""


def test_the_rpm_asks_for_a_python_and_the_c_library_alone() -> None:
    wanted = run("rpm", "-qp", "--requires", package("*.rpm")).splitlines()
    (python,) = {each for each in wanted if "python" in each}
    assert "python3.11" in python
    others = {re.split(r"[(. ]", each)[0] for each in wanted} - {"", "rpmlib", "config"}
    assert others == {"/bin/sh", "systemd", "libc", "libpthread", "rtld"}


def test_the_rpm_installs_and_runs(tmp_path: Path) -> None:
    command = ["rpm", "--root", tmp_path, "--dbpath", "/var/lib/rpm", "--install"]
    run(*command, "--nodeps", "--noscripts", package("*.rpm"))
    assert judged(PYTHON, "-I", tmp_path / "usr/lib/hostprobe") >= SAMPLE_CONFLICTS
    assert (tmp_path / "etc/hostprobe/hostprobe.toml").is_file()
    units = {path.name for path in (tmp_path / "usr/lib/systemd/system").glob("*")}
    assert units == set(UNITS)


def test_the_rpm_does_not_tell_where_it_was_built() -> None:
    names = run("rpm", "-qp", "--list", package("*.rpm"))
    assert str(REPOSITORY) not in names
    assert run("rpm", "-qp", "--qf", "%{BUILDHOST}", package("*.rpm")) == "localhost"
    data = subprocess.run(["rpm2cpio", package("*.rpm")], capture_output=True, check=True).stdout
    assert not [path for path in (REPOSITORY, "/tmp/") if f"file://{path}".encode() in data]
    assert str(REPOSITORY).encode() not in data


def test_the_single_file_is_the_same_when_it_is_built_again(tmp_path: Path) -> None:
    shutil.copy(package("*.whl"), tmp_path)
    run("env", EPOCH, REPOSITORY / "packaging/build-single-file", tmp_path)
    assert (tmp_path / "hostprobe.pyz").read_bytes() == package("*.pyz").read_bytes()


@dataclass
class Installed:
    """A system in which the .deb was installed."""

    system: BootedSystem
    before: set[str]


@pytest.fixture(scope="module")
def bare() -> Iterator[BootedSystem]:
    """A booted Debian root without anything of hostprobe; this machine's files are in /mnt."""
    options = ("--private-network", "--bind-ro=/:/mnt:norbind")
    with BootedSystem(debian_root(), options) as system:
        for pattern in ("*.deb", "*.pyz"):
            shutil.copy(package(pattern), system.path("/tmp"))
        yield system


@pytest.fixture(scope="module")
def installed(bare: BootedSystem) -> Installed:
    before = listed(bare)
    bare.run("sh", "-c", "apt-get install -q -y /tmp/hostprobe_*.deb")
    return Installed(bare, before)


def listed(system: BootedSystem) -> set[str]:
    """Every path that is no cache, log or device."""
    return set(system.run("sh", "-c", LISTING).splitlines())


@needs_a_system
def test_the_single_file_judges_the_sample_and_another_root_from_a_bare_one(
    bare: BootedSystem,
) -> None:
    hostprobe = ("env", "SHIV_ROOT=/tmp/shiv", "/tmp/hostprobe.pyz")
    assert bare.done("python3", "-c", "import psutil").returncode == 1
    assert conflicts(bare.done(*hostprobe, *SAMPLE).stdout) >= SAMPLE_CONFLICTS
    done = bare.done(*hostprobe, "scan", "--root", "/mnt", "--format", "json")
    assert done.returncode in (0, 1, 3), done.stderr
    assert json.loads(done.stdout)["instances"][0]["name"] == "/etc/apache2/apache2.conf"


@needs_a_system
def test_the_deb_brings_the_user_the_settings_and_the_program(installed: Installed) -> None:
    system = installed.system
    *_, home, shell = system.run("getent", "passwd", "hostprobe").strip().split(":")
    assert (home, shell) == ("/var/lib/hostprobe", "/usr/sbin/nologin")
    assert conflicts(system.done("hostprobe", *SAMPLE).stdout) >= SAMPLE_CONFLICTS
    assert system.run("dpkg-query", "-W", "-f=${Conffiles}", "hostprobe").split()[0] == (
        "/etc/hostprobe/hostprobe.toml"
    )


@needs_a_system
def test_what_stands_in_pythonpath_is_not_run(installed: Installed) -> None:
    installed.system.write("/tmp/evil/argparse.py", "raise SystemExit('taken over')\n")
    command = ("env", "PYTHONPATH=/tmp/evil", "--chdir=/tmp/evil", "hostprobe", "--version")
    assert installed.system.run(*command).startswith("hostprobe ")


@needs_a_system
@pytest.mark.parametrize("unit", UNITS)
def test_the_timer_alone_is_enabled_and_runs(installed: Installed, unit: str) -> None:
    system = installed.system
    is_timer = unit == "hostprobe-scan.timer"
    assert system.done("systemctl", "is-enabled", unit).stdout.strip() in (
        ["enabled"] if is_timer else ["disabled", "static"]
    )
    assert (system.done("systemctl", "is-active", unit).returncode == 0) is is_timer


@needs_a_system
@pytest.mark.skipif("hostprobe-scan.service" not in UNITS, reason="no such unit in this tree")
def test_the_service_of_the_timer_leaves_a_report(installed: Installed) -> None:
    system = installed.system
    system.run("systemctl", "start", "hostprobe-scan.service")
    report = json.loads(system.run("cat", "/var/lib/hostprobe/report.json"))
    assert report["complete"]
    owner = system.run("stat", "--format=%U %a", "/var/lib/hostprobe/report.json").split()
    assert owner[0] == "hostprobe"


@needs_a_system
def test_the_journal_explains_messages_of_the_agent(installed: Installed) -> None:
    known = installed.system.run("journalctl", "--list-catalog")
    assert re.search(r"^[0-9a-f]{32} hostprobe: ", known, re.MULTILINE)


@needs_a_system
def test_a_purge_leaves_the_user_and_nothing_else(installed: Installed) -> None:
    system = installed.system
    system.write("/etc/hostprobe/conf.d/50-site.toml", "[state]\nkeep = 5\n")
    system.write("/var/lib/hostprobe/report.json", "{}")
    # lsb-release came with python3-distro, but apt keeps it, as python3-apt recommends it.
    system.run("apt-get", "purge", "-q", "-y", "--autoremove", "hostprobe", "lsb-release")
    left = {path for path in listed(system) - installed.before if not OTHERS.fullmatch(path)}
    assert left <= KEPT
    assert system.done("getent", "passwd", "hostprobe").returncode == 0
    assert system.done("systemctl", "is-active", "hostprobe-scan.timer").returncode != 0
