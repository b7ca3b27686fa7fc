"""apache2.service under a real systemd: hidden, refused, given back by the printed drop-in.

Recorded: RootDirectory=, PrivateDevices= and text relocations (tests/checks).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator

import pytest

from tests.real import scan
from tests.real.hosts import unit_sandbox_hides as hosts
from tests.real.systemd import BootedSystem, may_mount

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not may_mount(), reason="a container takes root"),
]
CHECK = "unit-sandbox-hides"


@pytest.fixture(scope="module")
def system() -> Iterator[BootedSystem]:
    with BootedSystem() as booted:
        hosts.furnish(booted)
        yield booted


def findings(system: BootedSystem) -> list[scan.Finding]:
    """What hostprobe says inside of the system."""
    command = (sys.executable, "-m", "hostprobe", "scan", "--select", CHECK, "--format", "json")
    done = system.done(*command)
    assert done.returncode in scan.JUDGED, done.stderr
    report: scan.Report = json.loads(done.stdout)
    assert scan.outcome(report, CHECK) in ("clean", "found"), report["checks"]
    found: list[scan.Finding] = report["findings"]
    return found


def failure(system: BootedSystem, *, is_started: bool) -> str:
    """The response, and what the error log says."""
    response = system.get("/shop")[1] if is_started else ""
    return response + system.run("cat", hosts.LOG)


@pytest.mark.parametrize("name", hosts.VARIANTS)
def test_what_the_unit_takes_away_is_told_and_given_back(system: BootedSystem, name: str) -> None:
    variant = hosts.VARIANTS[name]
    is_started = hosts.start(system, variant)
    [finding] = findings(system)
    assert finding["subject"] == f"unit:{hosts.UNIT}/{name.partition(',')[0]}"
    assert finding["severity"] == "high"
    assert scan.hits_shop(finding)
    assert variant.failure in failure(system, is_started=is_started)
    for command in finding["remedy"][:2]:
        system.run("sh", "-c", command)
    assert system.get("/shop") == (200, variant.answer)
    assert findings(system) == []


@pytest.mark.parametrize("name", hosts.SILENT)
def test_what_the_unit_leaves_alone_works(system: BootedSystem, name: str) -> None:
    assert hosts.start(system, hosts.SILENT[name])
    assert findings(system) == []
    assert system.get("/shop") == (200, hosts.SILENT[name].answer)
