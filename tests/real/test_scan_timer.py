"""The timer's scan under a real systemd: unprivileged but for two capabilities, without network."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from tests.real.hosts import scan_timer as hosts
from tests.real.systemd import REPOSITORY, BootedSystem, may_mount

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not may_mount(), reason="a container takes root"),
]
MOST_EXPOSED = 2.0
ISOLATED = """
from hostprobe.collect.isolated import Isolated
child = Isolated(lambda: lambda question: question + 1)
assert child.ask(2) == 3
"""


@pytest.fixture(scope="module")
def system() -> Iterator[BootedSystem]:
    with BootedSystem() as booted:
        hosts.furnish(booted)
        yield booted


def scanned(system: BootedSystem) -> dict[str, Any]:
    """The report after one run of the service, which has not failed (or systemctl would)."""
    system.run("systemctl", "start", hosts.SERVICE)
    return hosts.last(system)


def first(system: BootedSystem) -> None:
    """The service has run at least once."""
    if not system.path(hosts.STATE).exists():
        scanned(system)


def ended(system: BootedSystem) -> str:
    """The exit status of the last scan."""
    return system.path(hosts.ENDED).read_text().strip()


def judgement(report: dict[str, Any]) -> dict[str, Any]:
    """What two scans of one host agree on."""
    return {
        "complete": report["complete"],
        "unread": report["unread"],
        "checks": {each["id"]: (each["outcome"], each["reason"]) for each in report["checks"]},
        "findings": {each["fingerprint"]: each["evidence"] for each in report["findings"]},
        "running": [each["running"] for each in report["instances"]],
    }


def test_it_finds_what_root_finds_and_reads_the_processes_of_others(system: BootedSystem) -> None:
    report = scanned(system)
    assert judgement(report) == judgement(hosts.as_root(system))
    [running] = [each["running"] for each in report["instances"] if each["running"]]
    roles = {(each["role"], each["group"]) for each in running["processes"]}
    assert {("parent", None), ("child", None), ("daemon", "shop")} <= roles
    assert all(each["mapped"] > 10 for each in running["processes"])
    assert "stdout-written" in {each["check"] for each in report["findings"]}


def test_it_runs_as_its_user_with_two_capabilities_and_writes_for_its_group(
    system: BootedSystem,
) -> None:
    first(system)
    owner = system.run("stat", "-c", "%U %G %a", f"{hosts.STATE}/report.json").strip()
    assert owner == "hostprobe hostprobe 640"
    assert system.run("stat", "-c", "%U %G %a", hosts.STATE).strip() == "hostprobe hostprobe 750"
    known = hosts.show(system, hosts.SERVICE, "User", "CapabilityBoundingSet")
    assert known == {
        "User": "hostprobe",
        "CapabilityBoundingSet": "cap_dac_read_search cap_sys_ptrace",
    }


def test_findings_are_no_failure_of_the_unit_but_a_wrong_setting_is(system: BootedSystem) -> None:
    system.write(hosts.SETTINGS, '[scan]\nfail_on = "info"\n')
    scanned(system)
    assert ended(system) == "1"
    system.write(hosts.SETTINGS, '[scan]\nfail_un = "info"\n')
    assert system.done("systemctl", "start", hosts.SERVICE).returncode == 1
    assert ended(system) == "2"
    assert hosts.show(system, hosts.SERVICE, "Result") == {"Result": "exit-code"}
    system.path(hosts.SETTINGS).unlink()


def test_a_waiver_of_the_host_holds_and_its_end_is_a_difference(system: BootedSystem) -> None:
    waiver = '[[waiver]]\ncheck = "stdout-written"\nsubject = "*"\nreason = "a test"\n'
    system.write(hosts.SETTINGS, waiver)
    waived = {each["check"] for each in scanned(system)["findings"] if each["waived"]}
    assert waived == {"stdout-written"}
    system.path(hosts.SETTINGS).unlink()
    assert not any(each["waived"] for each in scanned(system)["findings"])
    told = system.done("/usr/bin/hostprobe", "diff")
    assert told.returncode == 1
    assert "APPEARED" in told.stdout
    assert "[stdout-written]" in told.stdout


def test_what_root_keeps_by_hand_the_service_goes_on_with(system: BootedSystem) -> None:
    first(system)
    system.run("/usr/bin/hostprobe", "scan", "--state", "-q", "--select", "stdout-written")
    before = len(list(system.path(f"{hosts.STATE}/history").glob("*.json")))
    owners = system.run(
        "find", hosts.STATE, "-type", "f", "-not", "-name", ".lock", "-printf", "%u%g "
    )
    assert set(owners.split()) == {"hostprobehostprobe"}
    scanned(system)
    assert len(list(system.path(f"{hosts.STATE}/history").glob("*.json"))) == before + 1


def test_a_child_may_limit_itself_under_the_filter_of_system_calls(system: BootedSystem) -> None:
    drop_in = f"/etc/systemd/system/{hosts.SERVICE}.d/isolated.conf"
    system.write(f"{hosts.STATE}/isolated.py", ISOLATED)
    command = f"{sys.executable} {hosts.STATE}/isolated.py"
    system.write(drop_in, f"[Service]\nExecStart=\nExecStart={command}\nSuccessExitStatus=\n")
    system.run("systemctl", "daemon-reload")
    try:
        assert system.done("systemctl", "start", hosts.SERVICE).returncode == 0
    finally:
        system.path(drop_in).unlink()
        system.run("systemctl", "daemon-reload")


def test_the_timer_comes_once_an_hour_at_a_minute_of_the_host(system: BootedSystem) -> None:
    system.run("systemctl", "start", hosts.TIMER)
    assert hosts.show(
        system, hosts.TIMER, "ActiveState", "SubState", "RandomizedDelayUSec", "FixedRandomDelay",
        "Persistent", "AccuracyUSec", "Unit",
    ) == {
        "ActiveState": "active", "SubState": "waiting", "RandomizedDelayUSec": "15min",
        "FixedRandomDelay": "yes", "Persistent": "yes", "AccuracyUSec": "1min",
        "Unit": hosts.SERVICE,
    }  # fmt: skip
    calendar = hosts.show(system, hosts.TIMER, "TimersCalendar")["TimersCalendar"]
    assert "OnCalendar=*-*-* *:00:00" in calendar
    assert "n/a" not in calendar


@pytest.mark.parametrize("unit", [hosts.SERVICE, hosts.TIMER])
def test_systemd_knows_every_key(system: BootedSystem, unit: str) -> None:
    done = system.done("systemd-analyze", "verify", "--man=no", f"/usr/lib/systemd/system/{unit}")
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("where", ["--offline=true", "--offline=false"])
def test_little_is_exposed(system: BootedSystem, where: str) -> None:
    named = REPOSITORY / "systemd" / hosts.SERVICE if "true" in where else hosts.SERVICE
    told = system.run("systemd-analyze", "security", "--no-pager", where, named)
    [exposure] = re.findall(r"Overall exposure level for .*: ([0-9.]+)", told)
    assert float(exposure) <= MOST_EXPOSED
