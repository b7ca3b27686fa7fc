"""`python -m tests.soak.exporter`: 10,000 clients that hold, drip and lie, then 500 new reports."""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from tests.real.exporter import Exporter, change, store_sample
from tests.soak.crowd import crowd

CLIENTS, SECONDS, REPORTS = 10_000, 60.0, 500
WARM = 50
"""Reports after which everything was done once."""

TOLERANCE = 1 << 20
"""Bytes that do not count as growth."""

HALF_CLOSED = 3
"""Connections that only the client has closed yet."""


@dataclass(frozen=True)
class Scrapes:
    seconds: list[float]
    resident: int
    descriptors: int

    def __str__(self) -> str:
        return (
            f"{len(self.seconds)} scrapes, median {statistics.median(self.seconds) * 1e3:.1f} ms, "
            f"slowest {max(self.seconds) * 1e3:.0f} ms, {self.resident >> 20} MB, "
            f"{self.descriptors} descriptors"
        )


@dataclass(frozen=True)
class State:
    """Of the exporter at some moment."""

    resident: int
    cpu: float
    descriptors: int


@dataclass(frozen=True)
class Renewals:
    """The exporter before, in the middle and after."""

    states: tuple[State, State, State]
    reports: int

    def costs(self) -> list[float]:
        """Seconds of processor time for a report, in the first and in the second half."""
        cpu = [state.cpu for state in self.states]
        return [(cpu[n + 1] - cpu[n]) / (self.reports // 2) for n in range(2)]

    def __str__(self) -> str:
        sizes = ", ".join(f"{state.resident >> 10} kB" for state in self.states)
        costs = ", ".join(f"{cost * 1e3:.1f} ms" for cost in self.costs())
        return f"{sizes} before, midway, after; {costs} of processor time for a report by halves"


def beside_a_crowd(exporter: Exporter, clients: int, seconds: float) -> Scrapes:
    """Scrapes while the crowd comes, stays and comes again."""
    times, resident, opened, end = [], 0, 0, time.monotonic() + seconds
    with crowd(exporter.port, clients):
        while time.monotonic() < end:
            begun = time.perf_counter()
            assert exporter.get("/metrics")[0] == 200
            times.append(time.perf_counter() - begun)
            resident, opened = (
                max(resident, exporter.resident()),
                max(opened, descriptors(exporter)),
            )
            time.sleep(0.05)
    return Scrapes(times, resident, opened)


def renewed(exporter: Exporter, reports: int, warm: int = WARM) -> Renewals:
    """Every form of so many reports is asked for."""
    states = []
    for times in (warm, reports // 2, reports // 2):
        for number in range(times):
            renew(exporter, number)
        states.append(
            State(exporter.resident(), exporter.cpu_seconds(), descriptors(exporter)),
        )
    return Renewals((states[0], states[1], states[2]), reports)


def renew(exporter: Exporter, number: int) -> None:
    change(exporter.state, duration_seconds=number)
    assert exporter.metrics()["hostprobe_scan_duration_seconds"] == number
    for path in ("/", "/api/v1/report", "/-/ready"):
        assert exporter.get(path)[0] == 200


def descriptors(exporter: Exporter) -> int:
    return sum(1 for _ in Path(f"/proc/{exporter.process.pid}/fd").iterdir())


def judge(found: Renewals) -> None:
    """AssertionError where something grew."""
    _, middle, after = found.states
    first, second = found.costs()
    assert after.resident < middle.resident + TOLERANCE, found
    assert after.descriptors <= middle.descriptors + HALF_CLOSED, found
    assert second < first * 1.5 + 0.005, found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clients", type=int, default=CLIENTS)
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--reports", type=int, default=REPORTS)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        store_sample(Path(folder) / "state")
        with Exporter(Path(folder) / "state") as exporter:
            found = renewed(exporter, options.reports)
            sys.stdout.write(f"{options.reports} reports: {found}\n")
            judge(found)
            scrapes = beside_a_crowd(exporter, options.clients, options.seconds)
            sys.stdout.write(f"{options.clients} slow and wrong clients: {scrapes}\n")
            # Each was answered; while all arrive at once the kernel's queue of 4096 is full, and a
            # scrape waits for its next SYN as everybody does.
            assert statistics.median(scrapes.seconds) < 0.5, scrapes


if __name__ == "__main__":
    main()
