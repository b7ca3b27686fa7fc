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
    """The JSON report of `hostprobe scan --config`; it reads `envvars` beside the configuration."""
    httpd.write_environment()
    command = [sys.executable, "-m", "hostprobe", "scan", "--config", str(httpd.config)]
    command += ["--httpd", str(httpd.binary), "--format", "json", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode in JUDGED, f"exit status {done.returncode}\n{done.stderr}"
    report: Report = json.loads(done.stdout)
    return report


def outcome(report: Report, check: str) -> str:
    """`clean`, `found`, ... of one check."""
    return next(entry["outcome"] for entry in report["checks"] if entry["id"] == check)


def alarms(httpd: Httpd, *arguments: str) -> list[Finding]:
    """Everything that a report shows without -v."""
    found = scan(httpd, *arguments)["findings"]
    return [finding for finding in found if finding["severity"] != "info"]


def findings(httpd: Httpd, check: str, *arguments: str) -> list[Finding]:
    """What one check finds; the check must have run."""
    report = scan(httpd, "--select", check, *arguments)
    assert outcome(report, check) in ("clean", "found", "not-applicable"), report["checks"]
    return [finding for finding in report["findings"] if finding["check"] == check]


def about(httpd: Httpd, check: str, name: str) -> list[Finding]:
    """What one check finds about `name`, a path or a part of one."""
    found = findings(httpd, check)
    return [one for one in found if name in json.dumps([one["subject"], one["evidence"]])]


def hits_shop(finding: Finding) -> bool:
    """Whether it names the application and is surer than that something is merely installed."""
    named = any("/shop" in application for application in finding["affected"])
    return named and finding["certainty"] in ("likely", "certain", "observed")


def sonames(finding: Finding, side: str) -> set[str]:
    """Of the `losers` or the `winners`."""
    return {entry["soname"] for entry in finding["evidence"][side]}


def openers(finding: Finding) -> str:
    """The dlopens that brought the winner in, with the lines that ask for them."""
    return json.dumps(finding["evidence"]["brought_by"])


def live_findings(httpd: Httpd, check: str) -> list[Finding]:
    """What one check finds in the httpd that runs."""
    command = [sys.executable, "-m", "hostprobe", "scan", "--pid", str(httpd.pid)]
    command += ["--format", "json", "--select", check]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode in JUDGED, f"exit status {done.returncode}\n{done.stderr}"
    report: Report = json.loads(done.stdout)
    assert outcome(report, check) in ("clean", "found", "not-applicable"), report["checks"]
    return [finding for finding in report["findings"] if finding["check"] == check]
