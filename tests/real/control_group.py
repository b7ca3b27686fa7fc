"""A control group of this machine for one test, of whichever version it has."""

from __future__ import annotations

import contextlib
import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

MOUNT = Path("/sys/fs/cgroup")


@contextlib.contextmanager
def control_group(controller: str, **limits: int) -> Iterator[Path]:
    """Its directory, with files set (a dot is written `__`); skips where it cannot be made."""
    versions = (MOUNT / controller, MOUNT)
    parent = next((one for one in versions if os.access(one / "cgroup.procs", os.W_OK)), None)
    if parent is None:
        pytest.skip(f"no control group of {controller} can be made here")
    directory = Path(tempfile.mkdtemp(prefix="hostprobe-", dir=parent))
    try:
        for name, value in limits.items():
            path = directory / name.replace("__", ".")
            if not path.exists():
                pytest.skip(f"{parent} has no {path.name}")
            path.write_text(str(value))
        yield directory
    finally:
        remove(directory)


def remove(directory: Path) -> None:
    """Once its last process is gone."""
    deadline = time.monotonic() + 20
    while True:
        try:
            directory.rmdir()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        else:
            return


def joining(directory: Path) -> str:
    """A shell command that moves the shell, and what it becomes, into the group."""
    return f"echo $$ > {directory}/cgroup.procs"
