"""Directories watched by the kernel: inotify(7) through the C library."""

import ctypes
import errno
import os
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from struct import Struct

from hostprobe.reading import reason

HEAD = Struct("iIII")
"""struct inotify_event: watch, mask, cookie, length of the name."""

PORTION = 1 << 16
ATTRIB, CLOSE_WRITE, MOVED_FROM, MOVED_TO, CREATE, DELETE = 0x4, 0x8, 0x40, 0x80, 0x100, 0x200
DELETE_SELF, MOVE_SELF = 0x400, 0x800
UNMOUNT, Q_OVERFLOW, IGNORED = 0x2000, 0x4000, 0x8000
EXCL_UNLINK, ONLYDIR = 0x4000000, 0x1000000
WANTED = ATTRIB | CLOSE_WRITE | MOVED_FROM | MOVED_TO | CREATE | DELETE | DELETE_SELF | MOVE_SELF
VANISHED = DELETE_SELF | MOVE_SELF | UNMOUNT

Place = tuple[str, tuple[str, ...]]
"""A directory, and patterns (fnmatch) of the names in it that matter; none for every name."""


class Watch:
    """The directories of the last `follow`; `descriptor` is readable when something happened."""

    def __init__(self) -> None:
        """OSError where the kernel or a limit (fs.inotify.max_user_instances) grants none."""
        self._library = ctypes.CDLL(None, use_errno=True)
        self.descriptor = self._library.inotify_init1(os.O_CLOEXEC | os.O_NONBLOCK)
        if self.descriptor < 0:
            raise last_error()
        self._places: dict[int, Place] = {}

    def close(self) -> None:
        """The watches go with the descriptor."""
        os.close(self.descriptor)

    def __len__(self) -> int:
        return len(self._places)

    def follow(self, places: Iterable[Place]) -> dict[str, str]:
        """Watch these and no others; those that cannot be watched, with the reason."""
        before, self._places = self._places, {}
        failed = {}
        for directory, patterns in places:
            try:
                self._add_nearest(directory, patterns)
            except OSError as error:
                failed[directory] = why_unwatched(error)
        for number in before.keys() - self._places.keys():
            self._library.inotify_rm_watch(self.descriptor, number)
        return failed

    def _add_nearest(self, directory: str, patterns: tuple[str, ...]) -> None:
        """Where there is no such directory yet, the nearest one that waits for it."""
        while True:
            try:
                return self._add(directory, patterns)
            except (FileNotFoundError, NotADirectoryError):
                directory, _, name = directory.rstrip("/").rpartition("/")
                directory, patterns = directory or "/", (literal(name),)

    def _add(self, directory: str, patterns: tuple[str, ...]) -> None:
        mask = WANTED | ONLYDIR | EXCL_UNLINK
        path = os.fsencode(directory)
        number = self._library.inotify_add_watch(self.descriptor, path, mask)
        if number < 0:
            raise last_error()
        # Two names of one directory are one watch.
        known = self._places.get(number)
        if known is not None:
            patterns = known[1] + patterns if known[1] and patterns else ()
        self._places[number] = (directory, patterns)

    def read(self) -> list[str]:
        """What happened next: paths that matter, or that events were lost. Never waits."""
        try:
            data = os.read(self.descriptor, PORTION)
        except BlockingIOError:
            return []
        return [path for event in events(data) for path in self._judged(*event)]

    def _judged(self, number: int, mask: int, name: str) -> Iterator[str]:
        if mask & Q_OVERFLOW:
            yield "more than the kernel's queue of events holds"
        if number not in self._places:
            return
        directory, patterns = self._places[number]
        if mask & IGNORED:
            del self._places[number]
        elif mask & VANISHED:
            yield directory
        elif name and (not patterns or any(fnmatchcase(name, one) for one in patterns)):
            yield f"{directory.rstrip('/')}/{name}"


def events(data: bytes) -> Iterator[tuple[int, int, str]]:
    """Watch, mask and name of each event."""
    position = 0
    while position < len(data):
        number, mask, _, length = HEAD.unpack_from(data, position)
        position += HEAD.size
        yield number, mask, os.fsdecode(data[position : position + length].rstrip(b"\0"))
        position += length


def literal(name: str) -> str:
    """The pattern that matches just this name."""
    return "".join(f"[{char}]" if char in "*?[" else char for char in name)


def last_error() -> OSError:
    """What the last call set errno to."""
    number = ctypes.get_errno()
    return OSError(number, os.strerror(number))


def why_unwatched(error: OSError) -> str:
    """Why a directory is not watched; a limit by the name under which it can be raised."""
    if error.errno == errno.ENOSPC:
        return "the limit fs.inotify.max_user_watches is reached"
    if error.errno == errno.EMFILE:
        return "the limit fs.inotify.max_user_instances is reached"
    return reason(error)
