"""Running httpd processes as /proc tells of them (proc(5))."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple


# A named tuple: a host with many children has tens of thousands of them.
class MappedFile(NamedTuple):
    """One file that a process has mapped, whatever the number of its ranges."""

    path: str
    """As the kernel names it, without " (deleted)"."""

    device: int
    """As st_dev; on btrfs and overlayfs stat(2) of the same file tells another one."""

    inode: int
    start: int
    """First address of its lowest range."""

    end: int
    """Address behind that range: the two name it in /proc/PID/map_files."""

    is_deleted: bool
    """The name was taken away from the file, or the name itself ends in " (deleted)"."""

    is_executable: bool
    """At least one range may be executed."""


@dataclass(frozen=True, slots=True)
class Mappings:
    """/proc/PID/maps: its files in address order."""

    files: tuple[MappedFile, ...]
    is_cut: bool = False
    """There were more lines than are read."""


@dataclass(frozen=True, slots=True)
class HttpdProcess:
    """One process whose program is, by its name or by the caller's word, an httpd."""

    pid: int
    parent: int
    session: int
    uid: int
    """Effective user."""

    started: float
    """Seconds since the epoch, to a hundredth."""

    program: str
    """The executable's path, without " (deleted)"."""

    command: tuple[str, ...]
    """Its argument vector; mod_wsgi's display-name changes the first word."""

    environment: Mapping[str, str] | None
    """At its exec; None for a child of another httpd, and where it could not be read."""

    files: tuple[MappedFile, ...]
    """In address order; empty where `unread` says why."""

    sockets: tuple[str, ...] = ()
    """Paths of the bound Unix sockets that it holds."""

    directory: str | None = None
    """Its working directory now; None where that may not be known."""

    root: str = ""
    """Prefix through which its paths are looked up, "/proc/PID/root": it has other mounts than
    hostprobe; "" for the same."""

    is_contained: bool = False
    """Its root directory is another file system than hostprobe's: a container."""

    unread: str | None = None
    """Why its mappings are not known, or not all of them."""


@dataclass(frozen=True, slots=True)
class Processes:
    """The httpd processes of the running system, oldest first."""

    all: tuple[HttpdProcess, ...]
    problems: tuple[str, ...] = field(default=())
    """What could not be looked at, a sentence for each."""
