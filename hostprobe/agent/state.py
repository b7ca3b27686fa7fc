"""The state directory: the last report, and those before it.

    report.json                              the last report
    history/00000042-20261127T134607Z.json   every report kept: number, then its time
    history/.lock                            held by the one that writes (hostprobe.agent.writer)

The number alone gives the order, so that a clock that jumps back confuses nobody.
"""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from hostprobe.parse.report import parse_report
from hostprobe.reading import read_file, reason
from hostprobe.report.formats import Document

LAST = "report.json"
HISTORY = "history"
NAME = re.compile(r"([0-9]{8,12})-[0-9TZ]+\.json")
MAX_REPORT = 1 << 28
"""Bytes; 5,000 applications make 70 MB."""


class StateError(Exception):
    """What stands in the way of reading or keeping reports: one line, the path first."""


@dataclass(frozen=True, slots=True)
class State:
    """One state directory; nothing is read before it is asked for."""

    directory: str
    keep: int = 50
    """Reports in the history, the last one included."""

    def last(self) -> Document:
        """The last report; StateError where there is none, or none that can be read."""
        return read_report(self.last_path)

    def back(self, steps: int) -> Document:
        """The report so many scans before the last of the history; StateError."""
        paths = self.history()
        if steps >= len(paths):
            held = f"{len(paths)} report{'' if len(paths) == 1 else 's'}"
            raise StateError(f"{self.directory}: the history holds {held}, none {steps} back")
        return read_report(paths[-1 - steps])

    def history(self) -> tuple[str, ...]:
        """Paths of the reports, the oldest first; empty before the first scan."""
        with told(self.directory):
            try:
                names = os.listdir(self.history_directory)  # noqa: PTH208
            except FileNotFoundError:
                return ()
        found = sorted((number, name) for name in names if (number := number_of(name)))
        return tuple(f"{self.history_directory}/{name}" for _, name in found)

    @property
    def last_path(self) -> str:
        """Where the last report stands."""
        return os.path.join(self.directory, LAST)  # noqa: PTH118

    @property
    def history_directory(self) -> str:
        """Where all of them stand."""
        return os.path.join(self.directory, HISTORY)  # noqa: PTH118


def number_of(name: str) -> int:
    """The number in the name of a kept report; 0 for any other file."""
    match = NAME.fullmatch(name)
    return int(match[1]) if match else 0


def read_report(path: str) -> Document:
    """The report in a file; StateError when there is none or it is none."""
    with told(path):
        return parse_report(read_file(path, MAX_REPORT))


@contextmanager
def told(path: str) -> Iterator[None]:
    """StateError for whatever goes wrong with a file, with the path that an administrator knows."""
    try:
        yield
    except (OSError, ValueError) as error:
        raise StateError(f"{path}: {reason(error)}") from error
