"""/metrics under wrk, the exporter on one processor."""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks.measure import Cost
from tests.real.exporter import Exporter, store_sample

SECONDS = 5
UNITS = {"us": 1e-6, "ms": 1e-3, "s": 1.0}
CLIENTS = (
    ("1 client that stays connected", ("-c1",)),
    ("8 clients that stay connected", ("-c8",)),
    ("1 client that connects each time", ("-c1", "-H", "Connection: close")),
)

Row = tuple[str, Cost, str]


def exporter() -> Iterator[Row]:
    """Median latency and resident memory; the rate, the slowest hundredth, processor time."""
    with tempfile.TemporaryDirectory() as folder:
        store_sample(Path(folder) / "state")
        with Exporter(Path(folder) / "state") as running:
            os.sched_setaffinity(running.process.pid, {max(os.sched_getaffinity(0))})
            for name, options in CLIENTS:
                before = running.cpu_seconds()
                said = wrk(f"http://127.0.0.1:{running.port}/metrics", *options)
                cost = Cost(latency(said, 50), running.resident() / (1 << 20))
                yield f"/metrics, {name}", cost, note(said, running.cpu_seconds() - before)


def wrk(url: str, *options: str) -> str:
    command = ["wrk", "-t1", f"-d{SECONDS}s", "--latency", *options, url]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def latency(said: str, percent: int) -> float:
    """Seconds within which so many of a hundred requests were answered."""
    match = re.search(rf"^\s+{percent}%\s+([\d.]+)(us|ms|s)$", said, re.MULTILINE)
    assert match, said
    return float(match[1]) * UNITS[match[2]]


def note(said: str, cpu: float) -> str:
    assert "Non-2xx" not in said, said
    assert "Socket errors" not in said, said
    rate, count = (
        re.search(pattern, said) for pattern in (r"Requests/sec:\s+([\d.]+)", r"(\d+) requests in")
    )
    assert rate, said
    assert count, said
    slow, each = latency(said, 99) * 1e3, cpu / int(count[1]) * 1e3
    return (
        f"{float(rate[1]):.0f}/s, 99% in {slow:.1f} ms, {each:.2f} ms of processor time each "
        "(budget 10 ms, 200/s)"
    )
