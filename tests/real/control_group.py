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
FILES = {"pids": ("pids.max",), "memory": ("memory.limit_in_bytes", "memory.max")}
"""Controller -> where its limit stands, in either version."""


@contextlib.contextmanager
def control_group(controller: str, limit: int | None = None) -> Iterator[Path]:
    """Its directory; skips where none can be made or limited."""
    parents = (MOUNT / controller, MOUNT)
    parent = next((one for one in parents if os.access(one / "cgroup.procs", os.W_OK)), None)
    if parent is None:
        pytest.skip(f"no control group of {controller} can be made here")
    directory = Path(tempfile.mkdtemp(prefix="hostprobe-", dir=parent))
    try:
        if limit is not None:
            files = [directory / name for name in FILES[controller]]
            file = next((one for one in files if one.exists()), None)
            if file is None:
                pytest.skip(f"{parent} does not limit {controller}")
            file.write_text(str(limit))
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
