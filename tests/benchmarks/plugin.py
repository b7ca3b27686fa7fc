"""How long the monitoring plugin takes to judge a stored report, beside Python itself."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks.measure import Cost, measure

RUNS = 40
"""Processes of a few hundredths of a second: the best of many is the one that nobody disturbed."""


def plugin() -> Iterator[tuple[str, Cost, str]]:
    """Both commands with the report of the sample host."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        scan = [sys.executable, "-m", "hostprobe", "scan", "--snapshot", "sample"]
        subprocess.run([*scan, "--format", "json", "--output", report], check=False)
        scripts = Path(sys.executable).parent
        commands = {
            "check_hostprobe": [str(scripts / "check_hostprobe"), "--report", str(report)],
            "hostprobe nagios": [str(scripts / "hostprobe"), "nagios", "--report", str(report)],
            "python3 -c 'import argparse, json'": [sys.executable, "-c", "import argparse, json"],
        }
        bare = measure([sys.executable, "-c", "pass"], runs=RUNS)
        yield "python3 -c pass", bare, "1.00"
        for name, command in commands.items():
            cost = measure(command, runs=RUNS)
            budget = " (budget 3.0)" if "hostprobe" in name else ""
            yield name, cost, f"{cost.seconds / bare.seconds:.2f}{budget}"
