"""All processes of one httpd beside a limit that holds for the whole host.

privvmpages of OpenVZ and CommitLimit under strict overcommit count private writable memory,
whether it is used or not (Documentation/mm/overcommit-accounting.rst).
"""

from collections.abc import Iterator
from dataclasses import dataclass

from hostprobe.facts.files import Files, Missing
from hostprobe.facts.limits import ProcessStatus
from hostprobe.facts.memory import Beancounter, Beancounters, KernelCounters, KernelNumber
from hostprobe.model.memory.capacity import Capacity
from hostprobe.model.memory.crews import Crew
from hostprobe.model.memory.cure import SMALL_STACK
from hostprobe.model.memory.need import Need, Part, data_need
from hostprobe.model.memory.stacks import PAGE

BEANCOUNTERS = "/proc/user_beancounters"
MEMINFO, OVERCOMMIT = "/proc/meminfo", "/proc/sys/vm/overcommit_memory"
STRICT = 2
"""OVERCOMMIT_NEVER."""


@dataclass(frozen=True, slots=True)
class Ceiling:
    """A limit of the host."""

    kind: str
    origin: str
    allowed: int
    """Bytes."""

    held: int
    """Bytes that are counted now, httpd's own included."""

    repeat: str


@dataclass(frozen=True, slots=True)
class Host:
    """The limit beside the sum of everything."""

    kind: str
    origin: str
    allowed: int
    need: Need
    savings: tuple[tuple[Crew, int], ...]
    """What smaller stacks of a crew save, bytes."""

    repeat: str


def host_squeeze(capacity: Capacity) -> Host | None:
    """None where nothing of the kind limits this host."""
    ceiling = next(ceilings(capacity.files), None)
    if ceiling is None:
        return None
    parts = tuple(crew_parts(capacity))
    others = max(0, ceiling.held - own(capacity))
    return Host(
        ceiling.kind,
        ceiling.origin,
        ceiling.allowed,
        Need((*parts, Part("everything else on this host", others))),
        tuple(savings(capacity)),
        ceiling.repeat,
    )


def ceilings(files: Files) -> Iterator[Ceiling]:
    """privvmpages, then strict overcommit; both only where there is a number."""
    pages = beancounter(files, "privvmpages")
    if pages and pages.barrier:
        held, allowed = pages.held * PAGE, pages.barrier * PAGE
        yield Ceiling("privvmpages", BEANCOUNTERS, allowed, held, f"cat {BEANCOUNTERS}")
    mode = files.read(OVERCOMMIT, KernelNumber)
    memory = files.read(MEMINFO, KernelCounters)
    if isinstance(mode, Missing) or isinstance(memory, Missing) or mode.value != STRICT:
        return
    allowed, held = memory.values.get("CommitLimit", 0), memory.values.get("Committed_AS", 0)
    if allowed:
        repeat = f"grep Commit {MEMINFO}; sysctl vm.overcommit_memory"
        yield Ceiling("CommitLimit", f"{MEMINFO}, {OVERCOMMIT} is 2", allowed, held, repeat)


def beancounter(files: Files, resource: str) -> Beancounter | None:
    """One resource of an OpenVZ container; None on every other host."""
    found = files.read(BEANCOUNTERS, Beancounters)
    if isinstance(found, Missing):
        return None
    return next((one for one in found.all if one.resource == resource), None)


def crew_parts(capacity: Capacity) -> Iterator[Part]:
    """Each crew at its full size."""
    for crew in capacity.crews:
        each = data_need(capacity.threads[crew.group], capacity.rest_of(crew)).total
        yield Part(
            f"{crew.processes} processes of {crew}, {each} bytes each", crew.processes * each
        )


def own(capacity: Capacity) -> int:
    """What httpd's running processes hold of it now, bytes."""
    running = capacity.instance.running
    found = (
        capacity.files.read(f"/proc/{pid}/status", ProcessStatus)
        for pid in (running.pids if running else ())
    )
    return sum(one.data for one in found if isinstance(one, ProcessStatus))


def savings(capacity: Capacity) -> Iterator[tuple[Crew, int]]:
    """Crews whose stacks could be smaller."""
    for crew in capacity.crews:
        stack = capacity.threads[crew.group].stack
        if crew.stacks and stack.size > SMALL_STACK:
            yield crew, crew.processes * crew.stacks * (stack.size - SMALL_STACK)
