"""The control groups of a process, its own first, up to the root of the hierarchy (cgroups(7))."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from hostprobe.facts.files import Files, Missing, is_directory
from hostprobe.facts.memory import CgroupMembership, KernelCounters, KernelNumber

MOUNT = "/sys/fs/cgroup"
DEEPEST = 32
"""Groups in each other that are looked at."""


@dataclass(frozen=True, slots=True)
class ControlGroup:
    """One directory of a hierarchy."""

    files: Files
    directory: str
    is_unified: bool
    """Version 2."""

    def number(self, name: str) -> int | None:
        """What a file of it holds; None for no limit and for no such file."""
        found = self.files.read(f"{self.directory}/{name}", KernelNumber)
        return None if isinstance(found, Missing) else found.value

    def counter(self, file: str, name: str) -> int:
        """One line of a file; 0 without it."""
        found = self.files.read(f"{self.directory}/{file}", KernelCounters)
        return 0 if isinstance(found, Missing) else found.values.get(name, 0)

    @property
    def memory_limit(self) -> int | None:
        """Bytes; None where it has none."""
        return self.number("memory.max" if self.is_unified else "memory.limit_in_bytes")

    @property
    def memory_used(self) -> int | None:
        """Bytes, page cache included."""
        return self.number("memory.current" if self.is_unified else "memory.usage_in_bytes")

    @property
    def memory_peak(self) -> int | None:
        """The most it used so far, bytes; version 2 tells it since Linux 5.19."""
        return self.number("memory.peak" if self.is_unified else "memory.max_usage_in_bytes")

    @property
    def memory_resident(self) -> int | None:
        """Anonymous memory, bytes; None where it is not told."""
        return self.counter("memory.stat", "anon" if self.is_unified else "rss") or None

    @property
    def oom_kills(self) -> int:
        """Processes killed because it was full."""
        return self.counter(
            "memory.events" if self.is_unified else "memory.oom_control", "oom_kill"
        )

    @property
    def task_limit(self) -> int | None:
        """pids.max."""
        return self.number("pids.max")

    @property
    def tasks(self) -> int:
        """Threads of all its processes now."""
        return self.number("pids.current") or 0

    @property
    def refused_tasks(self) -> int:
        """Threads and processes that were refused."""
        return self.counter("pids.events", "max")


def control_groups(files: Files, pid: int | str, controller: str) -> Iterator[ControlGroup]:
    """Of one process; `pid` may be "self"."""
    membership = files.read(f"/proc/{pid}/cgroup", CgroupMembership)
    if isinstance(membership, Missing):
        return
    for entry in membership.entries:
        if controller in entry.controllers:
            mount = f"{MOUNT}/{','.join(entry.controllers)}"
            yield from chain(files, mount, entry.path, is_unified=False)
            return
    for entry in membership.entries:
        if not entry.controllers:
            is_alone = is_directory(files, f"{MOUNT}/unified")
            mount = f"{MOUNT}/unified" if is_alone else MOUNT
            yield from chain(files, mount, entry.path, is_unified=True)


def chain(files: Files, mount: str, path: str, *, is_unified: bool) -> Iterator[ControlGroup]:
    """The group and all above it; the mount alone where a container does not see the path."""
    names = [name for name in path.split("/") if name]
    if ".." in names or not is_directory(files, "/".join((mount, *names))):
        names = []
    for count in range(min(len(names), DEEPEST), -1, -1):
        yield ControlGroup(files, "/".join((mount, *names[:count])), is_unified)


def tightest_memory(groups: Iterable[ControlGroup]) -> tuple[ControlGroup, int] | None:
    """The group with the smallest limit of memory, the inner one of equals, and its bytes."""
    limited = [(one, limit) for one in groups if (limit := one.memory_limit) is not None]
    return min(limited, key=lambda pair: pair[1], default=None)
