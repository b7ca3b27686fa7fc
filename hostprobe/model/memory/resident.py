"""The memory that httpd's running processes really use, and will at their full number."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from hostprobe.facts.files import Missing
from hostprobe.facts.limits import ProcessStatus
from hostprobe.facts.memory import KernelCounters, OomKill, OomLog, PooledMemory
from hostprobe.model.memory.capacity import Capacity
from hostprobe.model.memory.control_groups import ControlGroup, control_groups, tightest_memory
from hostprobe.model.memory.crews import Crew
from hostprobe.model.memory.need import Need, Part
from hostprobe.model.memory.total import MEMINFO
from hostprobe.model.running.processes import RunningProcess

STAT = "/proc/stat"
KERNEL_LOGS = ("/var/log/kern.log", "/var/log/messages", "/var/log/syslog")
"""Where syslog puts what the kernel says."""

MOST_READ = 32
"""Processes of a crew whose pages are counted: the kernel walks their page tables for it."""


@dataclass(frozen=True, slots=True)
class Growth:
    """A crew that is not at its full number."""

    crew: Crew
    running: int
    each: int
    """Bytes that one more process adds."""

    @property
    def missing(self) -> int:
        """Processes that may still be started."""
        return max(0, self.crew.processes - self.running)

    @property
    def size(self) -> int:
        """Bytes of all of them."""
        return self.missing * self.each


@dataclass(frozen=True, slots=True)
class Room:
    """A limit of resident memory."""

    origin: str
    allowed: int
    """Bytes."""


class Residence:
    """The resident memory of one running httpd."""

    def __init__(self, capacity: Capacity) -> None:
        self._capacity = capacity

    @cached_property
    def groups(self) -> tuple[ControlGroup, ...]:
        """Of the parent, its own first."""
        running = self._capacity.instance.running
        pid = running.parent.pid if running else 0
        return tuple(control_groups(self._capacity.files, pid, "memory"))

    @cached_property
    def room(self) -> Room | None:
        """The smallest of the control groups' limits and the host's memory."""
        found = []
        group = tightest_memory(self.groups)
        if group is not None:
            found.append(Room(f"the memory limit of {group[0].directory}", group[1]))
        memory = self._capacity.files.read(MEMINFO, KernelCounters)
        if not isinstance(memory, Missing) and memory.values.get("MemTotal"):
            found.append(Room(f"MemTotal of {MEMINFO}", memory.values["MemTotal"]))
        return min(found, key=lambda one: one.allowed, default=None)

    @property
    def oom_kills(self) -> int:
        """Kills in the innermost control group that has a limit, or of httpd's own processes."""
        limited = (one for one in self.groups if one.memory_limit is not None)
        group = next(limited, None)
        return max(self.logged_kills, 0 if group is None else group.oom_kills)

    @property
    def logged_kills(self) -> int:
        """Processes of httpd's name that the kernel's log tells of since it was started."""
        running = self._capacity.instance.running
        times = self._capacity.files.read(STAT, KernelCounters)
        if running is None or isinstance(times, Missing):
            return 0
        name = running.parent.program.rpartition("/")[2]
        since = running.parent.started - times.values.get("btime", 0)
        return sum(one.program == name and one.seconds > since for one in self.logged())

    def logged(self) -> tuple[OomKill, ...]:
        """Of the first log of the kernel that there is."""
        for path in KERNEL_LOGS:
            log = self._capacity.files.read(path, OomLog)
            if isinstance(log, OomLog):
                return log.kills
        return ()

    @cached_property
    def statuses(self) -> dict[int, ProcessStatus]:
        """By pid."""
        running = self._capacity.instance.running
        found = {
            pid: self._capacity.files.read(f"/proc/{pid}/status", ProcessStatus)
            for pid in (running.pids if running else ())
        }
        return {pid: one for pid, one in found.items() if isinstance(one, ProcessStatus)}

    @property
    def most(self) -> int:
        """Bytes that it can be at the most: what processes share counted in each of them."""
        total = sum(one.resident for one in self.statuses.values())
        for crew, processes in self.crews():
            sizes = [self.statuses[one.facts.pid].resident for one in processes]
            total += max(0, crew.processes - len(sizes)) * mean(sizes)
        return total

    def crews(self) -> Iterator[tuple[Crew, list[RunningProcess]]]:
        """Those of which something runs."""
        for crew in self._capacity.crews:
            processes = self._capacity.processes(crew)
            found = [one for one in processes if one.facts.pid in self.statuses]
            if found:
                yield crew, found

    @cached_property
    def growths(self) -> tuple[Growth, ...]:
        """Of every crew of which something runs and whose pages may be counted."""
        found = []
        for crew, processes in self.crews():
            sizes = [one.private for one in self.pooled(processes)]
            if sizes:
                found.append(Growth(crew, len(processes), mean(sizes)))
        return tuple(found)

    def pooled(self, processes: list[RunningProcess]) -> Iterator[PooledMemory]:
        """What smaps_rollup says of the first of them."""
        for one in processes[:MOST_READ]:
            path = f"/proc/{one.facts.pid}/smaps_rollup"
            memory = self._capacity.files.read(path, PooledMemory)
            if isinstance(memory, PooledMemory):
                yield memory

    @cached_property
    def need(self) -> Need:
        """What runs, then what may be started."""
        parts = []
        for crew, processes in self.crews():
            sizes = [one.proportional for one in self.pooled(processes)]
            what = f"{len(processes)} running processes of {crew}, shared pages divided"
            parts.append(Part(what, len(processes) * mean(sizes)))
        for growth in self.growths:
            if growth.missing:
                what = f"{growth.missing} more processes of {growth.crew}, {growth.each} bytes each"
                parts.append(Part(what, growth.size))
        return Need(tuple(parts))


def mean(sizes: list[int]) -> int:
    """Bytes; 0 of nothing."""
    return sum(sizes) // len(sizes) if sizes else 0
