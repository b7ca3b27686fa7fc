"""hostprobe-exporter.service: what systemd makes of it, and the exporter inside of it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.real.exporter import store_sample
from tests.real.prometheus import wait_for
from tests.real.systemd import REPOSITORY, BootedSystem, may_mount

pytestmark = pytest.mark.real
NAME = "hostprobe-exporter.service"
UNIT = (REPOSITORY / "systemd" / NAME).read_text()
HERE = UNIT.replace("/usr/bin/hostprobe", f"{sys.executable} -m hostprobe")
PATIENCE = "RestartSec=15s"
MOST_EXPOSED = 20
"""Tenths, as --threshold counts."""

GET = """
import sys, urllib.request
with urllib.request.urlopen("http://127.0.0.1:19460" + sys.argv[1], timeout=20) as answer:
    sys.stdout.buffer.write(answer.read())
"""


def analyzed(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = ["systemd-analyze", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_systemd_takes_every_line_of_the_unit(tmp_path: Path) -> None:
    (tmp_path / NAME).write_text(HERE)
    done = analyzed("verify", "--man=no", tmp_path / NAME)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_unit_gives_little_away() -> None:
    path = REPOSITORY / "systemd" / NAME
    done = analyzed("security", "--offline=true", f"--threshold={MOST_EXPOSED}", path)
    assert done.returncode == 0, done.stdout[-200:]


@pytest.fixture(scope="module")
def system() -> Iterator[BootedSystem]:
    if not may_mount():
        pytest.skip("a container takes root")
    with BootedSystem() as booted:
        booted.run("groupadd", "--system", "hostprobe")
        store_sample(booted.path("/var/lib/hostprobe"))
        booted.run("sh", "-c", "chgrp -R hostprobe /var/lib/hostprobe")
        assert PATIENCE in HERE
        booted.write(f"/etc/systemd/system/{NAME}", HERE.replace(PATIENCE, "RestartSec=1s"))
        booted.run("systemctl", "daemon-reload")
        booted.run("systemctl", "start", NAME)
        yield booted


def get(system: BootedSystem, path: str) -> str:
    return system.run(sys.executable, "-c", GET, path)


def test_it_serves_reports_that_only_its_group_may_read(system: BootedSystem) -> None:
    status = system.path("/var/lib/hostprobe/report.json").stat()
    assert status.st_mode & 0o777 == 0o640
    wait_for("exporter", lambda: system.done(sys.executable, "-c", GET, "/-/ready").stdout)
    assert "hostprobe_report_available 1.0" in get(system, "/metrics")
    assert "<!DOCTYPE html>" in get(system, "/")


def test_it_has_no_rights_and_can_write_nowhere(system: BootedSystem) -> None:
    pid = system.run("systemctl", "show", "-P", "MainPID", NAME).strip()
    lines = system.path(f"/proc/{pid}/status").read_text().splitlines()
    status = dict(line.split(":\t") for line in lines if ":\t" in line)
    assert {status[name] for name in ("CapEff", "CapPrm", "CapBnd", "CapAmb")} == {"0" * 16}
    assert (status["NoNewPrivs"], status["Seccomp"]) == ("1", "2")
    assert "0" not in status["Uid"].split()
    mounts = system.path(f"/proc/{pid}/mountinfo").read_text().splitlines()
    root = next(line for line in mounts if line.split()[4] == "/")
    assert root.split()[5].startswith("ro")


def test_it_ends_at_once_and_is_started_again_when_it_dies(system: BootedSystem) -> None:
    system.run("systemctl", "kill", "--signal=SIGKILL", NAME)
    wait_for("restart", lambda: system.done(sys.executable, "-c", GET, "/-/ready").stdout)
    system.run("systemctl", "stop", NAME)
    assert system.run("systemctl", "show", "-P", "Result", NAME).strip() == "success"
    assert "listening on http://127.0.0.1:19460" in system.run("journalctl", "-u", NAME)
