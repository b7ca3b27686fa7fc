"""A system with the timer's units, a user hostprobe and an apache2.service that has a fault."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from tests.real.hosts import unit_sandbox_hides as apache
from tests.real.systemd import REPOSITORY, BootedSystem

SERVICE, TIMER = "hostprobe-scan.service", "hostprobe-scan.timer"
STATE = "/var/lib/hostprobe"
SETTINGS = "/etc/hostprobe/hostprobe.toml"
LAUNCHER = f'#!/bin/sh\nexec {Path(sys.executable).parent}/hostprobe "$@"\n'
EARLY = "[Unit]\nDefaultDependencies=no\n"
ENDED = "/run/hostprobe-ended"
TOLD = f"[Service]\nExecStopPost=+/bin/sh -c 'echo $EXIT_STATUS >{ENDED}'\n"
"""systemd forgets the exit status of a service that nothing needs any more."""

SHOP = """
def answer():
    print("sold")
    return 1
"""
VARIANT = apache.Variant("", SHOP, "", "1", lines=f"WSGIRestrictStdout On\n{apache.DAEMON}")
"""It writes to standard output where that is forbidden: `stdout-written` tells."""


def furnish(system: BootedSystem) -> None:
    """As the packages would do it; Apache serves the shop."""
    system.run("useradd", "--system", "--user-group", "--no-create-home", "hostprobe")
    system.write("/usr/bin/hostprobe", LAUNCHER)
    system.path("/usr/bin/hostprobe").chmod(0o755)
    for unit in (SERVICE, TIMER):
        system.write(f"/usr/lib/systemd/system/{unit}", (REPOSITORY / "systemd" / unit).read_text())
        system.write(f"/etc/systemd/system/{unit}.d/early.conf", EARLY)
    system.write(f"/etc/systemd/system/{SERVICE}.d/told.conf", TOLD)
    assert apache.start(system, VARIANT)
    assert "sys.stdout access restricted" in system.get("/shop")[1] + system.run("cat", apache.LOG)


def show(system: BootedSystem, unit: str, *names: str) -> dict[str, str]:
    """Properties of a unit."""
    lines = system.run("systemctl", "show", unit, f"--property={','.join(names)}").splitlines()
    return dict(line.split("=", 1) for line in lines)


def last(system: BootedSystem) -> dict[str, Any]:
    """The last report."""
    report: dict[str, Any] = json.loads(system.path(f"{STATE}/report.json").read_bytes())
    return report


def as_root(system: BootedSystem) -> dict[str, Any]:
    """What root finds at the same time."""
    done = system.done("/usr/bin/hostprobe", "scan", "--format", "json")
    report: dict[str, Any] = json.loads(done.stdout)
    return report
