"""A handler that is registered and never called, one that is in the way, and the cures.

Recorded: the blocks of mod_wsgi 6, by its version (tests/checks).
"""

from __future__ import annotations

import os
import shutil
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.real import scan
from tests.real.httpd import Httpd, public_directory
from tests.real.wsgi import TAIL, wsgi_host

pytestmark = pytest.mark.real
CHECK = "signal-handler-ignored"
GLOBAL, OFF = "WSGIApplicationGroup %{GLOBAL}", "WSGIRestrictSignal Off"
REGISTERS = """
import os, signal
caught = []
signal.signal(signal.{name}, lambda *_: caught.append("{name}"))
def answer():
    return (os.getpid(), caught)
"""
AT_END = """
import os, pathlib, mod_wsgi
mod_wsgi.subscribe_shutdown(lambda *_, **__: pathlib.Path("{path}").touch())
def answer():
    return (os.getpid(), [])
"""
ONE_CHILD = (
    *("StartServers 1", "MinSpareServers 1", "MaxSpareServers 1"),
    *("ServerLimit 1", "MaxRequestWorkers 1"),
)


def embedded(name: str, *lines: str) -> Httpd:
    """One child, whose main thread loads the script and answers."""
    scripts = {"shop": REGISTERS.format(name=name) + TAIL}
    return Httpd(["wsgi"], [GLOBAL, *ONE_CHILD, *lines], scripts=scripts, single=False)


def asked(httpd: Httpd) -> tuple[int, list[str]]:
    """The process that answers, and the signals that it has caught."""
    status, body = httpd.get("/shop")
    assert status == 200, httpd.error_log
    pid, _, caught = body.strip("()").partition(", ")
    return int(pid), caught.strip("[]").split()


def caught_after(httpd: Httpd, number: signal.Signals) -> list[str]:
    """What the application has caught after a signal to its process."""
    pid, _ = asked(httpd)
    os.kill(pid, number)
    time.sleep(0.5)
    same, caught = asked(httpd)
    assert same == pid
    return caught


@pytest.fixture
def place() -> Iterator[Path]:
    """A directory that everybody may write to."""
    directory = public_directory()
    directory.chmod(0o777)
    yield directory
    shutil.rmtree(directory)


def test_a_registration_is_ignored() -> None:
    with embedded("SIGTERM") as httpd:
        [finding] = scan.findings(httpd, CHECK)
        assert finding["severity"] == "medium"
        assert "mod_wsgi ignores it" in finding["title"]
        assert scan.hits_shop(finding)
        assert asked(httpd)[1] == []
        assert f"Callback registration for signal {signal.SIGTERM:d} ignored." in httpd.error_log


def test_a_handler_takes_the_place_of_apaches() -> None:
    with embedded("SIGTERM", OFF) as httpd:
        [finding] = scan.findings(httpd, CHECK)
        assert "takes the place of Apache's own handler" in finding["title"]
        assert caught_after(httpd, signal.SIGTERM) == ["'SIGTERM'"]


def test_a_signal_that_apache_does_not_use_is_handled() -> None:
    with embedded("SIGALRM", OFF) as httpd:
        assert scan.findings(httpd, CHECK) == []
        assert caught_after(httpd, signal.SIGALRM) == ["'SIGALRM'"]


def test_what_is_done_at_the_end_is_done_by_an_event_hook(place: Path) -> None:
    with wsgi_host(AT_END.format(path=place / "done"), daemon=True) as httpd:
        assert scan.findings(httpd, CHECK) == []
        os.kill(asked(httpd)[0], signal.SIGTERM)
        deadline = time.monotonic() + 20
        while not (place / "done").exists() and time.monotonic() < deadline:
            time.sleep(0.1)
        assert (place / "done").exists()
