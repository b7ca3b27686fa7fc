"""`python -m tests.soak.agent`: many scans by one agent; its memory and descriptors stay.

So does the processor time that a scan takes from the agent itself.
"""

from __future__ import annotations

import argparse
import signal
import tempfile
import time
from pathlib import Path

from tests.agent.running import RunningAgent

WARM = 3
"""Scans after which everything was done once."""

TOLERANCE = 256
"""Kilobytes that do not count as growth, however many scans there were."""


def soak(directory: Path, scans: int) -> tuple[list[int], list[int], list[float]]:
    """Kilobytes, descriptors and processor time after each scan, before which it is reloaded."""
    memory, descriptors, times = [], [], []
    with RunningAgent(directory, debounce=0.05) as agent:
        agent.until("STATUS=Last scan")
        while len(memory) < scans:
            agent.send(signal.SIGHUP)
            agent.until("RELOADING=1")
            agent.change()
            agent.until("STATUS=Scanning")
            agent.until("STATUS=Last scan")
            memory.append(agent.resident())
            descriptors.append(agent.descriptors())
            times.append(agent.processor_time())
            agent.messages.clear()
        assert agent.counters()["scan_errors_total"] == dict.fromkeys(
            agent.counters()["scan_errors_total"], 0
        )
        assert agent.stop() == 0
    return memory, descriptors, times


def judge(memory: list[int], descriptors: list[int]) -> None:
    """AssertionError where something grew."""
    assert len(set(descriptors[WARM:])) == 1, descriptors
    assert max(memory) - memory[WARM] <= TOLERANCE, memory


def main() -> None:
    """Print the figures of a long run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scans", type=int, default=500)
    scans, began = parser.parse_args().scans, time.monotonic()
    with tempfile.TemporaryDirectory() as directory:
        memory, descriptors, times = soak(Path(directory), scans)
    print(f"{scans} scans in {time.monotonic() - began:.0f} s")
    print(f"resident after scan {WARM}: {memory[WARM]} KB, most {max(memory)}, last {memory[-1]}")
    print(f"descriptors: {descriptors[WARM]}, most {max(descriptors)}, last {descriptors[-1]}")
    half = scans // 2
    halves = (times[half] - times[0]) / half, (times[-1] - times[half]) / (scans - 1 - half)
    print(
        "agent's own time for a scan: {:.2f} and {:.2f} ms by halves".format(
            *(1e3 * one for one in halves)
        )
    )
    judge(memory, descriptors)


if __name__ == "__main__":
    main()
