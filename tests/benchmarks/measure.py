"""Wall time and peak memory of one command, best of several runs."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


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
    begun = time.perf_counter()
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=environment,
    )
    _, _, usage = os.wait4(process.pid, 0)
    process.returncode = 0
    return Cost(time.perf_counter() - begun, usage.ru_maxrss / 1024)
