"""The agent under its own unit and a real systemd: what it sees, tells, survives and costs."""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from hostprobe.agent.journal import Kind
from tests.real.hosts import agent as hosts
from tests.real.hosts.agent import COMMAND, FAULT, STATE, UNIT, eventually
from tests.real.systemd import BootedSystem, may_mount

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not may_mount(), reason="a container takes root"),
]
CAPABILITIES = 1 << 2 | 1 << 19
"""CAP_DAC_READ_SEARCH and CAP_SYS_PTRACE (linux/capability.h)."""


@pytest.fixture(scope="module")
def booted() -> Iterator[BootedSystem]:
    with BootedSystem() as system:
        hosts.furnish(system)
        yield system


@pytest.fixture
def system(booted: BootedSystem) -> BootedSystem:
    """The agent runs under the unit as it is, and waits."""
    if hosts.shown(booted, "ActiveState") != "active":
        hosts.drop_in(booted, "")
        booted.run("systemctl", "start", UNIT)
    eventually(lambda: hosts.idle(booted))
    return booted


@contextmanager
def reloaded(system: BootedSystem, **keys: Any) -> Iterator[None]:
    """The agent has read other settings, until the block ends."""
    for each in (keys, {}):
        hosts.settings(system, **each)
        system.run("systemctl", "reload", UNIT)
        if each:
            yield


def scan_now(system: BootedSystem) -> None:
    system.run("systemctl", "kill", "--kill-whom=main", "-s", "USR1", UNIT)


def scanned(system: BootedSystem) -> None:
    """One more scan has succeeded."""
    done = hosts.successes(system)
    scan_now(system)
    eventually(lambda: hosts.successes(system) > done)


def process(system: BootedSystem) -> dict[str, str]:
    """The agent's /proc/PID/status."""
    text = system.path(f"/proc/{hosts.shown(system, 'MainPID')}/status").read_text()
    return dict(line.split(":\t", 1) for line in text.splitlines())


def test_it_starts_as_its_user_and_keeps_the_first_report(system: BootedSystem) -> None:
    assert hosts.shown(system, "ActiveState") == "active"
    status = process(system)
    user = int(system.run("id", "-u", "hostprobe"))
    assert status["Uid"].split() == [str(user)] * 4
    assert {int(status[name], 16) for name in ("CapEff", "CapPrm", "CapBnd")} == {CAPABILITIES}
    assert status["NoNewPrivs"] == "1"
    report = system.path(f"{STATE}/report.json")
    assert (report.stat().st_uid, report.stat().st_mode & 0o777) == (user, 0o640)
    text = hosts.shown(system, "StatusText")
    pattern = r"Last scan \S+Z, \d+\.\d s: .+\. Watching \d+ directories\. Next scan \S+Z\."
    assert re.fullmatch(pattern, text), text


def test_it_sees_what_root_sees(system: BootedSystem) -> None:
    with reloaded(system, checks=()):
        scanned(system)
    ours = hosts.state(system, "report.json")
    hosts.settings(system, checks=())
    done = system.done(COMMAND, "scan", "--format", "json")
    hosts.settings(system)
    roots = json.loads(done.stdout)
    assert ours["instances"] == roots["instances"]
    assert ours["instances"][0]["running"]["processes"][0]["mapped"] > 10
    for name in ("findings", "unread", "complete"):
        assert ours[name] == roots[name], name
    outcomes = [[(each["id"], each["outcome"]) for each in one["checks"]] for one in (ours, roots)]
    assert outcomes[0] == outcomes[1]


def test_a_change_is_scanned_and_what_appears_and_goes_is_told(system: BootedSystem) -> None:
    began = time.monotonic()
    hosts.site(system, "nowhere")

    def told(kind: Kind) -> list[dict[str, str]]:
        found = hosts.entries(system, kind)
        return [each for each in found if each["HOSTPROBE_CHECK"] == FAULT]

    [appeared] = eventually(lambda: told(Kind.FINDING_APPEARED))
    assert time.monotonic() - began > hosts.DEBOUNCE
    [finding] = (
        each for each in hosts.state(system, "report.json")["findings"] if each["check"] == FAULT
    )
    for name in ("severity", "fingerprint", "subject"):
        assert appeared[f"HOSTPROBE_{name.upper()}"] == finding[name]
    assert appeared["HOSTPROBE_REMEDY"] == "\n".join(finding["remedy"])
    assert "\n" in appeared["HOSTPROBE_REMEDY"]
    assert appeared["_SYSTEMD_UNIT"] == UNIT
    assert appeared["MESSAGE"].startswith(f"appeared: {finding['severity'].upper()} ")
    explained = system.run("journalctl", "-x", f"MESSAGE_ID={Kind.FINDING_APPEARED.value}")
    assert f"{FAULT} appeared: {finding['subject']}" in explained
    assert f'"hostprobe explain {FAULT}" prints the page' in explained
    hosts.site(system, "shop")
    [gone] = eventually(lambda: told(Kind.FINDING_GONE))
    assert gone["HOSTPROBE_FINGERPRINT"] == finding["fingerprint"]
    assert len(told(Kind.FINDING_APPEARED)) == 1


def test_settings_are_read_again_and_wrong_ones_change_nothing(system: BootedSystem) -> None:
    before = len(hosts.entries(system, Kind.SETTINGS_READ))
    with reloaded(system, interval=7200):
        eventually(lambda: len(hosts.entries(system, Kind.SETTINGS_READ)) == before + 1)
        hosts.settings(system, intervall=1)
        system.run("systemctl", "reload", UNIT)
        [refused] = eventually(lambda: hosts.entries(system, Kind.SETTINGS_REFUSED))
        assert f"{hosts.SETTINGS}: agent.intervall is not a setting" in refused["MESSAGE"]
        scanned(system)


def caught(system: BootedSystem, signal: str) -> None:
    """Ask for a scan and send its process a signal."""
    scan_now(system)
    pid = eventually(lambda: hosts.scan_process(system))
    system.run("kill", f"-{signal}", str(pid))


def test_a_scan_that_takes_too_long_is_ended_and_told(system: BootedSystem) -> None:
    with reloaded(system, timeout=2):
        caught(system, "STOP")
        [told] = eventually(lambda: failures(system, "timeout"))
    assert told["MESSAGE"] == "scan failed (timeout): not finished within 2 s ([agent] timeout)"
    assert hosts.state(system, "agent.json")["scan_errors_total"]["timeout"] == 1
    eventually(lambda: hosts.scan_process(system) == 0)
    scanned(system)


def failures(system: BootedSystem, stage: str) -> list[dict[str, str]]:
    found = hosts.entries(system, Kind.SCAN_FAILED)
    return [each for each in found if each["HOSTPROBE_STAGE"] == stage]


def test_a_scan_that_is_killed_does_not_hurt_the_agent(system: BootedSystem) -> None:
    pid = hosts.shown(system, "MainPID")
    caught(system, "KILL")
    [told] = eventually(lambda: failures(system, "killed"))
    assert told["MESSAGE"] == "scan failed (killed): ended by Killed (9)"
    assert hosts.shown(system, "StatusText").startswith("Last scan failed (killed)")
    scanned(system)
    assert hosts.shown(system, "MainPID") == pid


def test_a_scan_that_needs_too_much_memory_does_not_hurt_the_agent(system: BootedSystem) -> None:
    pid = hosts.shown(system, "MainPID")
    with reloaded(system, memory=64):
        scan_now(system)
        [told] = eventually(lambda: failures(system, "scan"))
    assert "MemoryError" in told["HOSTPROBE_OUTPUT"], told
    scanned(system)
    assert hosts.shown(system, "MainPID") == pid


def test_a_hung_agent_is_killed_and_started_again(booted: BootedSystem) -> None:
    booted.run("systemctl", "stop", UNIT)
    hosts.drop_in(booted, "WatchdogSec=1s\nRestartSec=100ms")
    booted.run("systemctl", "start", UNIT)
    pid = hosts.shown(booted, "MainPID")
    time.sleep(3)
    assert (hosts.shown(booted, "MainPID"), hosts.shown(booted, "NRestarts")) == (pid, "0")
    booted.run("kill", "-STOP", pid)
    eventually(lambda: hosts.shown(booted, "NRestarts") == "1")
    eventually(lambda: hosts.shown(booted, "ActiveState") == "active")
    assert hosts.shown(booted, "MainPID") != pid
    assert "Watchdog timeout" in booted.run("journalctl", "--quiet", "-u", UNIT)
    booted.run("systemctl", "stop", UNIT)


def test_a_second_agent_is_refused(system: BootedSystem) -> None:
    done = system.done(COMMAND, "agent")
    assert done.returncode == 2
    assert done.stderr == f"hostprobe agent: another agent is at work for {STATE}\n"


def test_it_ends_at_once_even_in_a_scan(system: BootedSystem) -> None:
    caught(system, "STOP")
    began = time.monotonic()
    system.run("systemctl", "stop", UNIT)
    assert time.monotonic() - began < 2
    assert hosts.shown(system, "Result") == "success"


def test_it_costs_little_when_nothing_happens(system: BootedSystem) -> None:
    before = process(system)
    time.sleep(4)
    after = process(system)
    name = "voluntary_ctxt_switches"
    print(f"idle agent: {after['VmRSS'].strip()}, {int(after[name]) - int(before[name])} wakeups")
    assert int(after["VmRSS"].split()[0]) < 30 << 10
    assert int(after[name]) - int(before[name]) <= 2


LARGE = """
import os
from hostprobe.agent.journal import Journal, Kind, Priority
fields = {"HOSTPROBE_OUTPUT": "x" * (1 << 20) + "\\nend"}
Journal(os.environ).tell(Kind.SETTINGS_READ, Priority.INFO, "large", fields)
"""


def test_the_journal_takes_an_entry_that_no_datagram_holds(booted: BootedSystem) -> None:
    booted.write("/srv/large.py", LARGE)
    start = f"[Service]\nType=oneshot\nExecStart={sys.executable} /srv/large.py\n"
    booted.write("/etc/systemd/system/large.service", start)
    booted.run("systemctl", "daemon-reload")
    booted.run("systemctl", "start", "large")

    def large() -> list[str]:
        found = hosts.entries(booted, Kind.SETTINGS_READ)
        return [each["HOSTPROBE_OUTPUT"] for each in found if each["MESSAGE"] == "large"]

    assert eventually(large) == ["x" * (1 << 20) + "\nend"]


def test_the_unit_is_well_formed_and_hardly_exposed(booted: BootedSystem) -> None:
    path = f"/etc/systemd/system/{UNIT}"
    hosts.drop_in(booted, "")
    verified = booted.done("systemd-analyze", "verify", "--man=no", path)
    assert (verified.returncode, verified.stdout, verified.stderr) == (0, "", "")
    security = ("systemd-analyze", "security", "--offline=true")
    rated = booted.run(*security, path).splitlines()[-1]
    found = re.search(r"service: (\d+\.\d) ", rated)
    assert found, rated
    assert float(found[1]) <= 2.0
