import os
import socket

import pytest

from hostprobe.agent.notify import Supervisor, watchdog_period


@pytest.fixture(params=["path", "abstract"])
def systemd(request, tmp_path):
    """A socket as systemd's, and the environment that names it."""
    name = str(tmp_path / "notify") if request.param == "path" else f"@hostprobe-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(f"\0{name[1:]}" if name[0] == "@" else name)
        listener.settimeout(5)
        yield listener, {"NOTIFY_SOCKET": name}


def test_systemd_is_told_in_its_own_words(systemd):
    listener, environment = systemd
    supervisor = Supervisor(environment)
    for tell in (supervisor.ready, supervisor.ping, supervisor.stopping):
        tell()
    assert [listener.recv(99) for _ in range(3)] == [b"READY=1", b"WATCHDOG=1", b"STOPPING=1"]
    supervisor.reloading()
    first, second = listener.recv(99).split(b"\n")
    assert first == b"RELOADING=1"
    assert second.startswith(b"MONOTONIC_USEC=")
    assert int(second.partition(b"=")[2]) > 0
    supervisor.close()


def test_a_status_is_one_line_whatever_it_quotes(systemd):
    listener, environment = systemd
    supervisor = Supervisor(environment)
    supervisor.status("/etc/a\nWATCHDOG=trigger changed")
    assert listener.recv(99) == rb"STATUS=/etc/a\nWATCHDOG=trigger changed"
    supervisor.close()


def test_nobody_to_tell_is_no_error(tmp_path):
    for environment in ({}, {"NOTIFY_SOCKET": str(tmp_path / "gone")}):
        supervisor = Supervisor(environment)
        supervisor.ready()
        supervisor.close()


def test_a_supervisor_that_does_not_listen_does_not_stop_the_agent(systemd):
    _, environment = systemd
    supervisor = Supervisor(environment)
    for _ in range(10_000):
        supervisor.ping()
    supervisor.close()


@pytest.mark.parametrize(
    ("environment", "period"),
    [
        ({}, None),
        ({"WATCHDOG_USEC": "0"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
        ({"WATCHDOG_USEC": "60000000"}, 30.0),
        ({"WATCHDOG_USEC": "2000000", "WATCHDOG_PID": str(os.getpid())}, 1.0),
        ({"WATCHDOG_USEC": "2000000", "WATCHDOG_PID": "1"}, None),
    ],
)
def test_pings_come_in_half_of_the_time_that_systemd_waits(environment, period):
    assert watchdog_period(environment) == period
