"""Scans that keep their reports are killed at random moments: no report is ever half or lost.

`python -m tests.soak.state --kills 200 --seed 1`; a kill is decided by seed and number. Half of the
kills come at any moment of a scan, half within milliseconds after its temporary file appeared.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from random import Random

from hostprobe.agent.state import State, read_report

KEEP = 5
BEGUN = ".hostprobe-*"


@dataclass(slots=True)
class Tally:
    """What the kills hit."""

    kills: int = 0
    too_late: int = 0
    """The scan had ended."""

    while_writing: int = 0
    """A temporary was left."""

    replaced: int = 0
    """The new report was there already."""


def make_root(directory):
    """A host that is scanned in no time."""
    (directory / "etc").mkdir(parents=True)
    (directory / "etc/hostname").write_text("rescue\n")
    settings = directory / "settings.toml"
    settings.write_text(f"[state]\nkeep = {KEEP}\n")
    return directory


def scan(root, state):
    """A scan as it is started by hand."""
    command = [sys.executable, "-m", "hostprobe", "scan", "--root", str(root)]
    command += ["--settings", f"{root}/settings.toml", "--state", str(state)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def finished(root, state):
    """Exit status and stderr of a scan that nobody disturbs."""
    with scan(root, state) as process:
        _, error = process.communicate(timeout=120)
    return process.returncode, error


def kill_scans(directory, kills, seed):
    """Kill so many scans; AssertionError for what must not be."""
    root, state = make_root(directory / "root"), State(str(directory / "state"), KEEP)
    began = time.monotonic()
    assert finished(root, state.directory) == (0, "")
    usual, tally = time.monotonic() - began, Tally()
    for number in range(kills):
        before = Path(state.last_path).read_bytes()
        kill_one(root, state, Random(f"{seed} {number}"), usual, tally)
        require_whole(state, before, tally)
        if number % 10 == 9 or number == kills - 1:
            assert finished(root, state.directory) == (0, ""), f"after kill {number}"
            assert left_behind(state) == []
    return tally


def kill_one(root, state, random, usual, tally):
    """One scan, and its end."""
    with scan(root, state.directory) as process:
        if random.random() < 0.5:
            time.sleep(random.uniform(0, usual))
        else:
            wait_for_temporary(process, state)
            time.sleep(random.expovariate(1 / 0.002))
        process.kill()
        process.communicate()
    tally.kills += 1
    tally.too_late += process.returncode == 0
    tally.while_writing += left_behind(state) != []


def wait_for_temporary(process, state):
    """Until the writing begins, or the scan is over."""
    known = set(left_behind(state))
    while process.poll() is None and set(left_behind(state)) <= known:
        pass


def left_behind(state):
    """Names of temporaries."""
    return sorted(path.name for path in Path(state.history_directory).glob(BEGUN))


def require_whole(state, before, tally):
    """The last report is the one from before or one of the history, and all of them are whole."""
    kept = state.history()
    assert 1 <= len(kept) <= KEEP + 1
    for path in (state.last_path, *kept):
        read_report(path)
    if Path(state.last_path).read_bytes() != before:
        tally.replaced += 1
        assert os.path.samefile(state.last_path, kept[-1])  # noqa: PTH121


def main():
    parser = argparse.ArgumentParser(prog="python -m tests.soak.state")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        tally = kill_scans(Path(directory), arguments.kills, arguments.seed)
    sys.stdout.write(
        f"{tally.kills} scans killed: {tally.too_late} had ended, {tally.while_writing} left a "
        f"temporary, {tally.replaced} had replaced the report; none lost or damaged one\n"
    )


if __name__ == "__main__":
    main()
