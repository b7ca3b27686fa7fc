"""hostprobe on the configuration of a test's httpd, before it is started."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

from tests.real.httpd import Httpd

Report = dict[str, Any]
Finding = dict[str, Any]
JUDGED = (0, 1, 3)  # complete and silent, findings, incomplete


def scan(httpd: Httpd, *arguments: str) -> Report:
    """The JSON report of `hostprobe scan --config`, in the environment this httpd starts with."""
    command = [sys.executable, "-m", "hostprobe", "scan", "--config", str(httpd.config)]
    command += ["--httpd", str(httpd.binary), "--format", "json", *arguments]
    done = subprocess.run(
        command, env=httpd.environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode in JUDGED, f"exit status {done.returncode}\n{done.stderr}"
    report: Report = json.loads(done.stdout)
    return report


def outcome(report: Report, check: str) -> str:
    """`clean`, `found`, ... of one check."""
    return next(entry["outcome"] for entry in report["checks"] if entry["id"] == check)


def findings(httpd: Httpd, check: str, *arguments: str) -> list[Finding]:
    """What one check finds; the check must have run."""
    report = scan(httpd, "--select", check, *arguments)
    assert outcome(report, check) in ("clean", "found", "not-applicable"), report["checks"]
    return [finding for finding in report["findings"] if finding["check"] == check]
