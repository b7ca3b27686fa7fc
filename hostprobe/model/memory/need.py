"""What one process of a crew needs, as a sum that can be repeated by hand."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from hostprobe.facts.files import Files, Missing
from hostprobe.facts.limits import ArenaHeaps, ProcessStatus
from hostprobe.model.memory.arenas import HEAP, IN_USE, Arenas
from hostprobe.model.memory.crews import Crew
from hostprobe.model.memory.stacks import PAGE, Stack
from hostprobe.model.running.processes import Role, Running, RunningProcess

INTERPRETER = 6 << 20
"""Bytes that a Python adds to its process before it imports anything (3.11, measured)."""


@dataclass(frozen=True, slots=True)
class Part:
    """One line of the sum."""

    what: str
    size: int
    """Bytes."""


@dataclass(frozen=True, slots=True)
class Need:
    """The lines of a sum."""

    parts: tuple[Part, ...]

    @property
    def total(self) -> int:
        """Bytes."""
        return sum(part.size for part in self.parts)


@dataclass(frozen=True, slots=True)
class Measured:
    """What the process would be without threads."""

    space: int
    """Of address space, bytes."""

    data: int
    """Private writable memory, bytes."""

    heaps: int
    """Arenas whose used part is in `data` already."""

    how: str


@dataclass(frozen=True, slots=True)
class Threads:
    """What the threads of one process take."""

    crew: Crew
    stack: Stack
    arenas: Arenas

    def with_stack(self, size: int) -> "Threads":
        """The same with other stacks."""
        return replace(self, stack=replace(self.stack, size=size))


def space_need(threads: Threads, rest: Measured) -> Need:
    """Address space, which RLIMIT_AS counts: what is only reserved too."""
    stack, count = threads.stack, threads.crew.stacks
    stacks = f"{count} stacks of {stack.size} bytes and a guard page ({stack.origin})"
    return Need(
        (
            Part(stacks, count * stack.mapped),
            Part(threads.arenas.why, threads.arenas.reserved),
            Part(f"everything else, {rest.how}", rest.space),
        )
    )


def data_need(threads: Threads, rest: Measured) -> Need:
    """Private writable memory, which RLIMIT_DATA counts: of an arena only what is in use."""
    stack, count = threads.stack, threads.crew.stacks
    fresh = max(0, threads.arenas.count - rest.heaps)
    return Need(
        (
            Part(f"{count} stacks of {stack.size} bytes ({stack.origin})", count * stack.size),
            Part(f"what {fresh} fresh malloc arenas use at least", fresh * IN_USE),
            Part(f"everything else, {rest.how}", rest.data),
        )
    )


def measured(
    files: Files, processes: Iterable[RunningProcess], crew: Crew, stack: Stack
) -> Measured | None:
    """From the largest of the crew's running processes; None where none is in full service.

    One that starts or ends, or that was refused threads, has stacks that no thread tells of.
    """
    found = []
    for process in processes:
        status = files.read(f"/proc/{process.facts.pid}/status", ProcessStatus)
        if isinstance(status, Missing) or status.threads < crew.threads:
            continue
        heaps = files.read(f"/proc/{process.facts.pid}/maps", ArenaHeaps)
        if isinstance(heaps, ArenaHeaps):
            found.append(without_threads(process, status, heaps.count, crew, stack))
    return max(found, key=lambda one: one.space, default=None)


def by_crew(running: Running | None) -> dict[str, list[RunningProcess]]:
    """The children under "", daemons under the name of their process group."""
    found: dict[str, list[RunningProcess]] = {}
    for process in running.processes if running else ():
        if process.role is Role.CHILD:
            found.setdefault("", []).append(process)
        elif process.role is Role.DAEMON and process.group is not None:
            found.setdefault(process.group, []).append(process)
    return found


def without_threads(
    process: RunningProcess, status: ProcessStatus, heaps: int, crew: Crew, stack: Stack
) -> Measured:
    """Its size less what the threads have taken so far."""
    count = status.threads - crew.threads + crew.stacks
    return Measured(
        space=max(0, status.size - count * stack.mapped - heaps * HEAP),
        data=max(0, status.data - count * stack.size),
        heaps=heaps,
        how=f"measured in process {process.facts.pid}",
    )


def sizes(files: Files, paths: Iterable[str]) -> dict[str, int]:
    """Bytes of each file in whole pages; one that is not there has none."""
    found = ((path, files.stat(path)) for path in paths)
    return {
        path: 0 if isinstance(stat, Missing) else -(-stat.size // PAGE) * PAGE
        for path, stat in found
    }


def estimated(of_parent: Mapping[str, int], of_imports: Mapping[str, int]) -> Measured:
    """From the sizes of what the parent maps and the application imports: less than it will be."""
    more = {path: size for path, size in of_imports.items() if path not in of_parent}
    count = len(of_parent) + len(more)
    return Measured(
        space=sum(of_parent.values()) + sum(more.values()) + INTERPRETER,
        data=INTERPRETER,
        heaps=0,
        how=f"at the least: {count} mapped files and {INTERPRETER >> 20} MB for Python",
    )
