"""Damaged files against every parser: only the documented error, in bounded time and memory.

`python -m tests.fuzz.parsers --inputs 1000000 --seed 1 [--target NAME] [--only NUMBER]`; an input
is decided by target, seed and number (and the files of this host that are damaged).
"""

import argparse
import contextlib
import gc
import resource
import signal
import sys
import time
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from random import Random

from tests.fuzz.parsers_mutation import mutated
from tests.fuzz.parsers_seeds import SEEDS, WORDS
from tests.fuzz.parsers_targets import targets

KEPT = Path(__file__).parents[2] / ".cache/fuzz"
MEMORY = 300 << 20
"""Bytes that one input may cost."""

SECONDS = 2.0
"""Processor time that one input may cost."""


class SlowError(BaseException):
    """The time is over; no parser may catch it."""


@dataclass(slots=True)
class Tally:
    """What came of one target."""

    target: str
    inputs: int = 0
    refused: int = 0
    seconds: float = 0
    slowest: tuple[float, int] = (0, 0)
    """Seconds and number of the input."""

    failures: list[str] = field(default_factory=list)


def run(name, seed, numbers):
    """Try these inputs of one target."""
    parse, documented = targets()[name]
    tally = Tally(name)
    with bounded_memory():
        for number in numbers:
            data = input_of(name, seed, number)
            gc.disable()
            begun = time.perf_counter()
            try:
                signal.setitimer(signal.ITIMER_PROF, SECONDS)
                parse(data)
            except documented as error:
                tally.refused += 1
                if not str(error):
                    keep(tally, seed, number, data, "an error without a message")
            except SlowError:
                keep(tally, seed, number, data, f"more than {SECONDS} s")
            except Exception as error:  # noqa: BLE001  that is what is looked for
                keep(tally, seed, number, data, f"{type(error).__name__}: {error}")
            finally:
                signal.setitimer(signal.ITIMER_PROF, 0)
            gc.enable()
            count(tally, number, time.perf_counter() - begun)
    return tally


def count(tally, number, seconds):
    tally.inputs += 1
    tally.seconds += seconds
    tally.slowest = max(tally.slowest, (seconds, number))


def input_of(name, seed, number):
    return mutated(Random(f"{name} {seed} {number}"), seeds_of(name), WORDS.get(name, ()))


@cache
def seeds_of(name):
    return (SEEDS[name] if name in SEEDS else SEEDS["UnitFile"])()


@contextlib.contextmanager
def bounded_memory(more=MEMORY):
    """MemoryError beyond the limit, SlowError when the timer ends."""
    before = resource.getrlimit(resource.RLIMIT_AS)
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    handler = signal.signal(signal.SIGPROF, slow)
    resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + more, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)
        signal.signal(signal.SIGPROF, handler)


def slow(*_):
    raise SlowError


def keep(tally, seed, number, data, what):
    """Leave the input in a file and say how to repeat it."""
    KEPT.mkdir(parents=True, exist_ok=True)
    path = KEPT / f"{tally.target}-{seed}-{number}".replace(" ", "-")
    path.write_bytes(data)
    tally.failures.append(
        f"{what}\n  input: {path}, {len(data)} bytes\n  repeat with: python -m tests.fuzz.parsers "
        f"--target '{tally.target}' --seed {seed} --only {number}"
    )


def main():
    """Print a line per target; exit status 1 when one of them failed."""
    arguments = parsed_arguments()
    names = [arguments.target] if arguments.target else list(targets())
    share = range(max(1, arguments.inputs // len(names)))
    numbers = share if arguments.only is None else [arguments.only]
    failed = 0
    sys.stdout.write("| target | inputs | refused | seconds | slowest ms | MB | failures |\n")
    sys.stdout.write("|---|---|---|---|---|---|---|\n")
    for name in names:
        tally = run(name, arguments.seed, numbers)
        failed += len(tally.failures)
        sys.stdout.write(row(tally))
        sys.stdout.writelines(f"{text}\n" for text in tally.failures[:10])
        sys.stdout.flush()
    return int(failed > 0)


def parsed_arguments():
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.parsers")
    parser.add_argument("--inputs", type=int, default=100_000, help="of all targets together")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--target", choices=list(targets()))
    parser.add_argument("--only", type=int, help="one input by its number")
    return parser.parse_args()


def row(tally):
    worst, number = tally.slowest
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    return (
        f"| {tally.target} | {tally.inputs} | {tally.refused} | {tally.seconds:.1f} | "
        f"{1000 * worst:.1f} (number {number}) | {peak} | {len(tally.failures)} |\n"
    )


if __name__ == "__main__":
    sys.exit(main())
