"""Wall time and peak memory of one command, best of several runs."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

# A child's ru_maxrss begins with its parent's size, so a small process must start it.
LAUNCHER = """
import os, sys, time
null = os.open(os.devnull, os.O_RDWR)
begun = time.perf_counter()
pid = os.posix_spawnp(sys.argv[1], sys.argv[1:], os.environ,
                      file_actions=[(os.POSIX_SPAWN_DUP2, null, fd) for fd in (0, 1, 2)])
_, _, usage = os.wait4(pid, 0)
print(time.perf_counter() - begun, usage.ru_maxrss)
"""


@dataclass(frozen=True)
class Cost:
    seconds: float
    megabytes: float


def measure(
    command: Sequence[str], *, runs: int = 5, environment: Mapping[str, str] | None = None
) -> Cost:
    """Best wall time and largest resident set of `runs` runs, output discarded."""
    costs = [measure_once(command, environment) for _ in range(runs)]
    return Cost(min(one.seconds for one in costs), max(one.megabytes for one in costs))


def measure_once(command: Sequence[str], environment: Mapping[str, str] | None) -> Cost:
    done = subprocess.run(
        [sys.executable, "-S", "-E", "-c", LAUNCHER, *command],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
        env=environment,
    )
    seconds, kilobytes = done.stdout.split()
    return Cost(float(seconds), int(kilobytes) / 1024)
