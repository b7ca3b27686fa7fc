"""The statements of sudoers and everything it includes, in sudo's order (sudoers(5))."""

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from hostprobe.facts.files import Absent, Files, Missing, is_regular
from hostprobe.facts.sudoers import Statement, Sudoers, SudoersInclude

PLACES = ("/etc/sudoers", "/usr/local/etc/sudoers", "/usr/etc/sudoers")
"""Of distributions, of BSD ports and source builds, of openSUSE's vendor file."""

MAX_DEPTH = 128
"""MAX_SUDOERS_DEPTH of toke.l."""

MAX_FILES, MAX_STATEMENTS = 2_000, 50_000
"""Of the whole policy."""


class Placed(NamedTuple):
    """A statement and where it stands."""

    file: str
    statement: Statement

    def __str__(self) -> str:
        return f"{self.file}:{self.statement.line}"


@dataclass(slots=True)
class SudoersReading:
    """All files of one sudoers policy."""

    placed: list[Placed] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    """Statements and files that could not be taken into account, a sentence for each; an include
    of what is not there says nothing."""


def read_sudoers(files: Files, host: str) -> SudoersReading | Missing | Absent:
    """The first of the usual places that exists; `host` replaces %h, without its domain."""
    for path in PLACES:
        stat = files.stat(path)
        if isinstance(stat, Missing) and stat.not_found:
            continue
        first = files.read(path, Sudoers)
        if isinstance(first, Missing):
            return first
        reading = SudoersReading()
        _Reader(files, host.partition(".")[0], reading).file(path, ())
        return reading
    return Absent("sudo has no sudoers file here")


class _Reader:
    """One reading, file by file."""

    def __init__(self, files: Files, host: str, reading: SudoersReading) -> None:
        self._files = files
        self._host = host
        self._reading = reading

    def file(self, path: str, around: tuple[str, ...]) -> None:
        """One file; `around` are those that are being read."""
        if path in around or len(around) > MAX_DEPTH or self._is_full:
            self._problem(f"{path}: too many includes, the rest is not read")
            return
        found = self._files.read(path, Sudoers)
        if isinstance(found, Missing):
            if not found.not_found:
                self._problem(found.reason)
            return
        self._reading.files.append(path)
        for line, why in found.unread:
            self._problem(f"{path}:{line}: {why}")
        for statement in found.statements:
            self._statement(path, statement, (*around, path))

    def _statement(self, path: str, statement: Statement, around: tuple[str, ...]) -> None:
        if not isinstance(statement, SudoersInclude):
            self._reading.placed.append(Placed(path, statement))
            return
        for included in self._included(path, statement):
            self.file(included, around)

    def _problem(self, text: str) -> None:
        if text not in self._reading.problems[-1:]:
            self._reading.problems.append(text)

    @property
    def _is_full(self) -> bool:
        reading = self._reading
        return len(reading.files) >= MAX_FILES or len(reading.placed) >= MAX_STATEMENTS

    def _included(self, path: str, include: SudoersInclude) -> Iterator[str]:
        """A relative path is looked up beside the file that names it."""
        target = replaced(include.path, self._host)
        target = posixpath.join(posixpath.dirname(path), target)
        if not include.is_directory:
            yield target
            return
        names = self._files.list(target)
        if isinstance(names, Missing):
            if not names.not_found:
                self._problem(names.reason)
            return
        for name in names:
            if counts(name) and is_regular(self._files, f"{target}/{name}"):
                yield f"{target}/{name}"


def counts(name: str) -> bool:
    """A drop-in: no package manager's leftover and no editor's backup."""
    return not name.endswith("~") and "." not in name


def replaced(path: str, host: str) -> str:
    """%h is the host without its domain."""
    return path.replace("%h", host)
