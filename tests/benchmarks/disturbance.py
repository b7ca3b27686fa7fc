"""Requests that a busy Apache serves beside a scan, in pairs: with it and without it."""

from __future__ import annotations

import os
import re
import signal
import statistics
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.benchmarks.measure import Cost, measure
from tests.real import stock
from tests.real.httpd import Httpd

PAIRS, SECONDS = 5, 4
POLITE = ("nice", "-n", "10", "ionice", "-c", "3")
"""As the units run it."""

WEIGHT = "7"
"""The units' CPUWeight=20, a fifth of httpd's: sched(7) gives a session's group that by nice 7."""

Row = tuple[str, Cost, str]


def disturbance() -> Iterator[Row]:
    """One scan after the other for as long as wrk asks; a real host has one an hour."""
    with stock.stock_host(mpm="mpm_event", single=False) as httpd:
        scan = [*POLITE, sys.executable, "-m", "hostprobe", "scan", "--pid", str(httpd.pid)]
        pairs = [(served(httpd), served(httpd, scan)) for _ in range(PAIRS)]
        lost = statistics.median(1 - beside / alone for alone, beside in pairs)
        alone = statistics.median(alone for alone, _ in pairs)
        note = f"{alone:.0f} requests/s without, {lost:.0%} fewer while scans run without a pause"
        yield "a scan of the busy httpd", measure(scan, runs=3), note


def served(httpd: Httpd, scan: Sequence[str] = ()) -> float:
    """Requests per second; with a command, while it runs again and again."""
    loop = 'while :; do "$@"; done >/dev/null 2>&1'
    command = ["sh", "-c", loop, "sh", *scan]
    beside = subprocess.Popen(command, start_new_session=True) if scan else None
    if beside:
        Path(f"/proc/{beside.pid}/autogroup").write_text(WEIGHT)
    try:
        command = ["wrk", "-t1", "-c4", f"-d{SECONDS}s", f"http://127.0.0.1:{httpd.port}/"]
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    finally:
        if beside:
            os.killpg(beside.pid, signal.SIGKILL)
            beside.wait()
    rate = re.search(r"Requests/sec:\s+([\d.]+)", said)
    assert rate, said
    return float(rate[1])
