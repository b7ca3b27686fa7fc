"""A report comes into the state directory whole or not at all.

It is written to a temporary in history/, renamed to its place there, and then, as a second name of
the same file, renamed over report.json. Killed or out of space at any moment, the directory holds
the previous report or the new one; a temporary that was left goes when the next scan begins.
"""

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from tempfile import TemporaryFile

from hostprobe.agent.state import State, StateError, number_of, told
from hostprobe.parse.report import SCHEMA
from hostprobe.report.formats import Document
from hostprobe.report.json import render
from hostprobe.writing import locked, replace_file

FILE_MODE, DIRECTORY_MODE = 0o640, 0o750
"""The group reads: exporter and monitoring plugin need no more, and others learn no paths."""

PARTIAL = ".hostprobe-"
BEGIN = re.compile(rb'\s*\{\s*"schema":\s*([0-9]{1,9})\b')
"""Every report begins so: a newer one is recognised without reading all of it."""


@contextmanager
def writing(state: State) -> Iterator[Callable[[Document], None]]:
    """What stores a report, and nobody else's does until the block ends.

    StateError at once where the directory takes no report: it cannot be made or written to, another
    hostprobe is writing, or what stands there is of a newer one.
    """
    with told(state.directory):
        make_directories(state)
        try:
            lock = locked(f"{state.history_directory}/.lock")
        except BlockingIOError as error:
            message = f"{state.directory}: another hostprobe is writing here"
            raise StateError(message) from error
    try:
        with told(state.directory):
            prepare(state)
        yield partial(store, state)
    finally:
        os.close(lock)


def make_directories(state: State) -> None:
    """The directory itself, whose parent must be there, and its history."""
    for path in (state.directory, state.history_directory):
        try:
            os.mkdir(path)  # noqa: PTH102
        except FileExistsError:
            continue
        os.chmod(path, DIRECTORY_MODE)  # noqa: PTH101  whatever the umask is
        if (owner := owner_of(state)) is not None:
            os.chown(path, *owner)


def prepare(state: State) -> None:
    """Take away what a killed one left, and see whether a new report can come in."""
    for name in os.listdir(state.history_directory):  # noqa: PTH208
        if name.startswith(PARTIAL):
            os.unlink(f"{state.history_directory}/{name}")  # noqa: PTH108
    TemporaryFile(dir=state.history_directory).close()
    if is_newer(state.last_path):
        raise StateError(
            f"{state.last_path}: of a newer hostprobe, and this one would not replace it: "
            "move it away, or name another directory"
        )


def store(state: State, document: Document) -> None:
    """Make it the last report, and forget the oldest beyond those to keep; StateError."""
    with told(state.directory):
        path = f"{state.history_directory}/{next_name(state, document)}"
        replace_file(path, render(document).encode("ascii"), FILE_MODE, owner_of(state))
        link = f"{state.history_directory}/{PARTIAL}last"
        os.link(path, link)
        os.replace(link, state.last_path)  # noqa: PTH105
        forget_oldest(state)


def next_name(state: State, document: Document) -> str:
    """Beyond every name that there is, whatever the clock says."""
    kept = state.history()
    number = number_of(kept[-1].rpartition("/")[2]) + 1 if kept else 1
    stamp = re.sub(r"[^0-9TZ]", "", document["started"])
    return f"{number:08}-{stamp or 0}.json"


def forget_oldest(state: State) -> None:
    """Beyond `keep`; one of a newer hostprobe is not ours to remove."""
    for path in state.history()[: -state.keep]:
        if not is_newer(path):
            os.unlink(path)  # noqa: PTH108


def is_newer(path: str) -> bool:
    """A report of a schema that this hostprobe does not know."""
    try:
        with open(path, "rb") as stream:  # noqa: PTH123
            match = BEGIN.match(stream.read(256))
    except FileNotFoundError:
        return False
    return match is not None and int(match[1]) > SCHEMA


def owner_of(state: State) -> tuple[int, int] | None:
    """Root writes for the directory's owner, or the service could not go on with its files."""
    if os.geteuid() != 0:
        return None
    status = os.stat(state.directory)  # noqa: PTH116
    return status.st_uid, status.st_gid
