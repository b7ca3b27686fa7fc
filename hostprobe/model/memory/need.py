"""What one process of a crew needs, as a sum that can be repeated by hand."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from hostprobe.facts.files import Files, Missing
from hostprobe.facts.limits import ArenaHeaps, ProcessStatus
from hostprobe.model.loader.objects import LoadedObject
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


def measured(files: Files, running: Running | None, crew: Crew, stack: Stack) -> Measured | None:
    """From the largest of the crew's running processes; None where none is in full service.

    One that starts or ends, or that was refused threads, has stacks that no thread tells of.
    """
    found = []
    for process in members(running, crew):
        status = files.read(f"/proc/{process.facts.pid}/status", ProcessStatus)
        if isinstance(status, Missing) or status.threads < crew.threads:
            continue
        heaps = files.read(f"/proc/{process.facts.pid}/maps", ArenaHeaps)
        if isinstance(heaps, ArenaHeaps):
            found.append(without_threads(process, status, heaps.count, crew, stack))
    return max(found, key=lambda one: one.space, default=None)


def members(running: Running | None, crew: Crew) -> Iterable[RunningProcess]:
    """The running processes of a crew."""
    role = Role.DAEMON if crew.options else Role.CHILD
    for process in running.processes if running else ():
        if process.role is role and (role is Role.CHILD or process.group == crew.group):
            yield process


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


def estimated(files: Files, objects: Iterable[LoadedObject], extensions: Iterable[str]) -> Measured:
    """From the sizes of what the parent maps and the application imports: less than it will be."""
    paths = {one.real for one in objects} | set(extensions)
    sizes = [0 if isinstance(stat := files.stat(path), Missing) else stat.size for path in paths]
    return Measured(
        space=sum(-(-size // PAGE) * PAGE for size in sizes) + INTERPRETER,
        data=INTERPRETER,
        heaps=0,
        how=f"at the least: {len(paths)} mapped files and {INTERPRETER >> 20} MB for Python",
    )
