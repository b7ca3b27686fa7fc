"""The optional drop-in: a reload that would break the site is refused, and the site goes on."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.real.hosts import reload_guard as host
from tests.real.httpd import BASIC, load_module
from tests.real.systemd import BootedSystem, may_mount

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not may_mount(), reason="a container takes root"),
]
HTTPD_SERVICE = """
[Unit]
Description=The unit of Fedora and RHEL, as far as its reload goes
[Service]
Type=notify
ExecStart=/usr/sbin/apache2 $OPTIONS -DFOREGROUND
ExecReload=/usr/sbin/apache2 $OPTIONS -k graceful
"""


@pytest.fixture(scope="module")
def system() -> Iterator[BootedSystem]:
    with host.guarded("\n".join(map(load_module, [*BASIC, "wsgi"]))) as booted:
        wait_for_generation(booted, 1)
        yield booted


def reload(system: BootedSystem) -> int:
    status = system.done("systemctl", "reload", host.UNIT).returncode
    assert system.get("/shop") == (200, "open")
    assert system.run("systemctl", "is-active", host.UNIT) == "active\n"
    return status


def generation(system: BootedSystem) -> int:
    """How often httpd has read its configuration."""
    return system.run("cat", "/var/log/apache2/error.log").count("resuming normal operations")


def wait_until(what: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def wait_for_generation(system: BootedSystem, number: int) -> None:
    """The signal of a reload is answered later."""
    wait_until(lambda: generation(system) >= number)
    assert generation(system) == number


def wait_for_words(system: BootedSystem, *words: str) -> None:
    """What the guard says comes to the journal, in wrapped lines, a little later."""
    command = ("journalctl", "--unit", host.UNIT, "--output", "cat")
    wait_until(lambda: all(each in " ".join(system.run(*command).split()) for each in words))


def test_a_reload_passes_where_nothing_breaks(system: BootedSystem) -> None:
    before = generation(system)
    assert reload(system) == 0
    wait_for_generation(system, before + 1)


def test_a_module_that_no_longer_loads_refuses_the_reload(system: BootedSystem) -> None:
    before = generation(system)
    host.install(system, host.module(is_sound=False))
    assert reload(system) != 0
    wait_for_words(system, f"httpd would not start: {host.MODULE} ", "undefined symbol: nobody")
    host.install(system, host.module(is_sound=True))
    assert reload(system) == 0
    wait_for_generation(system, before + 1)


def test_what_httpd_itself_would_accept_and_the_site_not_survive(system: BootedSystem) -> None:
    before = generation(system)
    system.write(host.GHOST, "WSGIProcessGroup ghost\n")
    system.run("apachectl", "configtest")
    assert reload(system) != 0
    wait_for_words(system, "No WSGIDaemonProcess defines the process group ghost")
    system.path(host.GHOST).unlink()
    assert reload(system) == 0
    wait_for_generation(system, before + 1)


def test_a_hostprobe_that_does_not_work_refuses_nothing(system: BootedSystem) -> None:
    before = generation(system)
    host.provide(system, host.BROKEN)
    assert reload(system) == 0
    host.provide(system, host.COMMAND)
    wait_for_generation(system, before + 1)


@pytest.mark.parametrize("name", ["apache2", "httpd"])
def test_systemd_has_nothing_to_say_against_it(name: str, tmp_path: Path) -> None:
    unit = tmp_path / f"{name}.service"
    unit.write_text(HTTPD_SERVICE)
    if name == "apache2":
        shutil.copy("/lib/systemd/system/apache2.service", unit)
    drop_ins = tmp_path / f"{name}.service.d"
    drop_ins.mkdir()
    text = (host.REPOSITORY / f"systemd/{name}-reload-guard.conf").read_text()
    local = text.replace("/usr/sbin/httpd", "/usr/sbin/apache2")
    (drop_ins / "reload-guard.conf").write_text(local)
    command = ["systemd-analyze", "verify", "--man=no", str(unit)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
