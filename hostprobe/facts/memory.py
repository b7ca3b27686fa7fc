"""What the kernel tells of memory: the host's, of control groups, of an OpenVZ container."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class KernelNumber:
    """A file of /proc/sys or of a control group that holds one number."""

    value: int | None
    """None is `max`, or a number that a control group of version 1 takes for no limit."""


@dataclass(frozen=True, slots=True)
class KernelCounters:
    """Lines `name value`: /proc/meminfo, memory.events, memory.stat, memory.oom_control."""

    values: Mapping[str, int]
    """Name -> number; bytes where the line ends in kB."""


@dataclass(frozen=True, slots=True)
class PooledMemory:
    """/proc/PID/smaps_rollup."""

    proportional: int
    """Pss, bytes: a page that n processes share counts 1/n."""

    private: int
    """Private_Clean and Private_Dirty, bytes: what one more process of the kind would add."""


@dataclass(frozen=True, slots=True)
class OnlineProcessors:
    """/sys/devices/system/cpu/online."""

    count: int


class CgroupEntry(NamedTuple):
    """One hierarchy that a process belongs to."""

    controllers: tuple[str, ...]
    """Empty for the unified hierarchy of version 2."""

    path: str
    """From the hierarchy's root, as the reader's namespace sees it."""


@dataclass(frozen=True, slots=True)
class CgroupMembership:
    """/proc/PID/cgroup (cgroups(7))."""

    entries: tuple[CgroupEntry, ...]


class Beancounter(NamedTuple):
    """One resource of an OpenVZ container; pages of 4096 bytes where its name says pages."""

    resource: str
    held: int
    most: int
    """The largest `held` so far."""

    barrier: int | None
    """None: no limit."""

    limit: int | None
    failures: int
    """Refused requests so far."""


@dataclass(frozen=True, slots=True)
class Beancounters:
    """/proc/user_beancounters of the container that reads it."""

    all: tuple[Beancounter, ...]


@dataclass(frozen=True, slots=True)
class DiskSpace:
    """The file system of a directory (statvfs(3))."""

    size: int
    """Bytes."""

    used: int


@dataclass(frozen=True, slots=True)
class SocketUse:
    """/proc/net/sockstat of the reader's network namespace."""

    tcp: int
    """TCP sockets of IPv4 in use."""


class OomKill(NamedTuple):
    """One line of the kernel's log."""

    seconds: float
    """Since the boot."""

    pid: int
    program: str
    """Its short name, "apache2"."""


@dataclass(frozen=True, slots=True)
class OomLog:
    """Processes that the kernel killed because memory was full, since its last boot."""

    kills: tuple[OomKill, ...]
