"""The one door to the inspected root, live or replayed from a snapshot."""

from collections.abc import Callable
from dataclasses import dataclass
from stat import S_ISDIR, S_ISREG
from typing import Protocol, TypeVar

from hostprobe.facts.elf import Elf

Fact = TypeVar("Fact")


@dataclass(frozen=True, slots=True)
class Missing:
    """Something that could exist but could not be had; never the same as absent or fine."""

    reason: str
    """One sentence that names the path and the cause, ready to be shown after escaping."""

    not_found: bool = False
    """True when the path does not exist (ENOENT, ENOTDIR): established absence."""


@dataclass(frozen=True, slots=True)
class Absent:
    """Something that is established not to be on this host: what needs it does not apply."""

    reason: str
    """One sentence, ready to be shown after escaping."""


@dataclass(frozen=True, slots=True)
class Stat:
    """Identity and access data of one path, symbolic links followed inside the root."""

    real: str
    """The path after all symbolic links, absolute inside the root."""

    device: int
    inode: int
    mode: int
    """st_mode: type and permission bits."""

    uid: int
    gid: int
    size: int
    """Bytes."""

    mtime_ns: int
    """Nanoseconds since the epoch."""


class Files(Protocol):
    """Reads inside the inspected root; paths are absolute there, `str` with surrogateescape.

    Every answer is memoised, negative ones too, so a model may ask as often as it likes.
    A path that was never asked when a snapshot was taken is `Missing` in its replay.
    """

    def stat(self, path: str) -> Stat | Missing:
        """Follow symbolic links inside the root and stat the target."""
        ...

    def list(self, path: str) -> tuple[str, ...] | Missing:
        """Names in a directory, sorted bytewise, without `.` and `..`."""
        ...

    def read(self, path: str, kind: type[Fact]) -> Fact | Missing:
        """Parse a regular file into the fact type `kind`; a parse error is `Missing`."""
        ...

    def elf(self, path: str) -> Elf | Missing:
        """The ELF object at `path`; anything that is not one is `Missing`."""
        ...


def is_directory(files: Files, path: str) -> bool:
    """There is a directory at the path, symbolic links followed."""
    stat = files.stat(path)
    return isinstance(stat, Stat) and S_ISDIR(stat.mode)


def is_regular(files: Files, path: str) -> bool:
    """There is a regular file at the path, symbolic links followed."""
    stat = files.stat(path)
    return isinstance(stat, Stat) and S_ISREG(stat.mode)


Progress = Callable[[str], None]
"""Told a short phrase when a longer piece of work begins."""
