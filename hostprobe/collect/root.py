"""The inspected root as a cage: every path is walked one component at a time, links stay inside."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from stat import S_ISDIR, S_ISLNK, S_ISREG

from hostprobe.facts.access import SymbolicLink
from hostprobe.facts.files import Missing, Stat

MAX_LINKS = 40
"""Links followed in one resolution, as MAXSYMLINKS of the kernel (path_resolution(7))."""

MAX_NAMES = 200_000
"""Names read from one directory."""

OPEN_DIRECTORIES = 64

DIRECTORY = os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
LISTING = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
FILE = os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NOCTTY


@dataclass(frozen=True, slots=True)
class Entry:
    """What one path component is, links not followed."""

    stat: Stat
    target: str | None
    """Text of the symbolic link; None when it is not one."""


class Root:
    """Opens, stats and lists below one directory.

    Each directory is opened relative to its parent with O_NOFOLLOW, so a component that is swapped
    for a link between two steps fails instead of leading out. Names are UTF-8 with
    surrogateescape in every locale.
    """

    def __init__(self, directory: str = "/") -> None:
        self.directory = os.path.realpath(directory)
        top = os.open(self.directory, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
        self._open: dict[str, int] = {"/": top}
        self._entries: dict[str, Entry | Missing] = {}
        self._resolved: dict[str, str | Missing] = {}

    def close(self) -> None:
        """Give the directory descriptors back; the root cannot be used afterwards."""
        for descriptor in self._open.values():
            os.close(descriptor)
        self._open.clear()

    def resolve(self, path: str) -> str | Missing:
        """The path after all links, absolute inside the root."""
        if path not in self._resolved:
            self._resolved[path] = self._walk(path)
        return self._resolved[path]

    def stat(self, path: str) -> Stat | Missing:
        """Follow links inside the root and stat the target."""
        real = self.resolve(path)
        if isinstance(real, Missing):
            return real
        entry = self._entry(real)
        return entry if isinstance(entry, Missing) else entry.stat

    def link(self, path: str) -> SymbolicLink | Missing:
        """The symbolic link that the path itself names; anything else is not found."""
        parent, _, name = path.rpartition("/")
        real = self.resolve(parent or "/")
        if isinstance(real, Missing):
            return named(path, real)
        entry = self._entry(f"{real.rstrip('/')}/{name}")
        if isinstance(entry, Missing):
            return named(path, entry)
        if entry.target is None:
            return Missing(f"{path}: not a symbolic link", not_found=True)
        return SymbolicLink(entry.target, entry.stat.uid)

    def attribute(self, real: str, name: str) -> bytes:
        """An extended attribute of what a resolved path names; it is not opened for that."""
        parent, last = split(real)
        flags = os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC
        descriptor = os.open(last or b".", flags, dir_fd=self._directory(parent))
        try:
            # f*xattr take no O_PATH descriptor, its name in /proc they take
            return os.getxattr(f"/proc/self/fd/{descriptor}", name)
        finally:
            os.close(descriptor)

    def names(self, path: str) -> tuple[str, ...] | Missing:
        """Names in a directory, sorted bytewise."""
        real = self.resolve(path)
        if isinstance(real, Missing):
            return real
        try:
            names = self._scan(real)
        except (OSError, ValueError) as error:
            return missing(path, error)
        if len(names) > MAX_NAMES:
            return Missing(f"{path}: more than {MAX_NAMES} names in this directory")
        return tuple(name.decode("utf-8", "surrogateescape") for name in sorted(names))

    @contextmanager
    def open(self, real: str) -> Iterator[tuple[int, os.stat_result]]:
        """A descriptor of a resolved regular file and its fstat; OSError for anything else.

        The type is known before opening: opening a device or a FIFO can have effects.
        """
        entry = self._entry(real)
        if isinstance(entry, Entry):
            require_regular(entry.stat.mode)
        parent, name = split(real)
        descriptor = os.open(name, FILE, dir_fd=self._directory(parent))
        try:
            status = os.fstat(descriptor)
            require_regular(status.st_mode)
            yield descriptor, status
        finally:
            os.close(descriptor)

    def _walk(self, path: str) -> str | Missing:
        done, pending = self._begin(path)
        links = 0
        while pending:
            name = pending.pop()
            if name in {"", "."}:
                continue
            if name == "..":
                done = done.rpartition("/")[0] or "/"
                continue
            done = f"{done.rstrip('/')}/{name}"
            entry = self._entry(done)
            if isinstance(entry, Missing):
                return named(path, entry)
            if entry.target is not None:
                links += 1
                if links > MAX_LINKS:
                    return Missing(f"{path}: too many levels of symbolic links")
                pending += entry.target.split("/")[::-1]
                done = "/" if entry.target.startswith("/") else done.rpartition("/")[0] or "/"
            elif pending and not S_ISDIR(entry.stat.mode):
                return Missing(f"{path}: not a directory", not_found=True)
        return done

    def _begin(self, path: str) -> tuple[str, list[str]]:
        """Where to begin: the parent, if an earlier walk led there without a link, or the top."""
        parent, _, name = path.rpartition("/")
        entry = self._entries.get(parent)
        if name and isinstance(entry, Entry) and S_ISDIR(entry.stat.mode):
            return parent, [name]
        return "/", path.split("/")[::-1]

    def _entry(self, real: str) -> Entry | Missing:
        if real not in self._entries:
            self._entries[real] = self._look(real)
        return self._entries[real]

    def _look(self, real: str) -> Entry | Missing:
        try:
            if real == "/":
                return Entry(stat_of(real, os.fstat(self._open["/"])), None)
            parent, name = split(real)
            descriptor = self._directory(parent)
            stat = stat_of(real, os.lstat(name, dir_fd=descriptor))
            if not S_ISLNK(stat.mode):
                return Entry(stat, None)
            target = os.readlink(name, dir_fd=descriptor)
            return Entry(stat, target.decode("utf-8", "surrogateescape"))
        except (OSError, ValueError) as error:
            return missing(real, error)

    def _directory(self, real: str) -> int:
        """A descriptor of a resolved directory; valid until the next call."""
        descriptor = self._open.get(real)
        if descriptor is None:
            parent, name = split(real)
            descriptor = os.open(name, DIRECTORY, dir_fd=self._directory(parent))
            self._open[real] = descriptor
            if len(self._open) > OPEN_DIRECTORIES:
                oldest = next(islice(self._open, 1, None))  # the first is the root itself
                os.close(self._open.pop(oldest))
        return descriptor

    def _scan(self, real: str) -> list[bytes]:
        descriptor = os.open(b".", LISTING, dir_fd=self._directory(real))
        try:
            with os.scandir(descriptor) as entries:
                return [os.fsencode(entry.name) for entry in islice(entries, MAX_NAMES + 1)]
        finally:
            os.close(descriptor)


def split(real: str) -> tuple[str, bytes]:
    """Parent directory and last component of a resolved path."""
    parent, _, name = real.rpartition("/")
    return parent or "/", name.encode("utf-8", "surrogateescape")


def require_regular(mode: int) -> None:
    """OSError unless it is a regular file."""
    if not S_ISREG(mode):
        raise OSError(0, "not a regular file")


def stat_of(real: str, status: os.stat_result) -> Stat:
    """The fact in a stat result."""
    return Stat(
        real=real,
        device=status.st_dev,
        inode=status.st_ino,
        mode=status.st_mode,
        uid=status.st_uid,
        gid=status.st_gid,
        size=status.st_size,
        mtime_ns=status.st_mtime_ns,
    )


def missing(path: str, error: OSError | ValueError) -> Missing:
    """Why `path` could not be had, in words; ValueError is a NUL byte or a lone surrogate."""
    if isinstance(error, OSError):
        text = (error.strerror or str(error)).lower()
        gone = FileNotFoundError | NotADirectoryError | ProcessLookupError
        absent = isinstance(error, gone)
        return Missing(f"{path}: {text}", not_found=absent)
    return Missing(f"{path}: cannot be a path", not_found=True)


def named(path: str, entry: Missing) -> Missing:
    """The same reason for the path that was asked."""
    cause = entry.reason.rpartition(": ")[2]
    return Missing(f"{path}: {cause}", not_found=entry.not_found)
