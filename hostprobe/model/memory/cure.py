"""Settings with which a crew's processes fit their limit, each with the sum it leads to."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from hostprobe.model.memory.arenas import VARIABLE, arenas
from hostprobe.model.memory.capacity import Capacity, Squeeze
from hostprobe.model.memory.crews import Crew
from hostprobe.model.memory.need import Threads

SMALL_STACK = 512 << 10
"""Bytes: what mod_wsgi's documentation proposes."""

FEW_ARENAS = 2
NEAR = 0.8
"""Share of a limit from which it is worth a word."""


@dataclass(frozen=True, slots=True)
class Cure:
    """A change of settings and what one process needs then."""

    threads: Threads
    has_small_stacks: bool
    has_few_arenas: bool
    total: int
    """Bytes."""

    fits: bool
    """Below the share of the limit that is worth a word."""


def is_near(need: int, allowed: int) -> bool:
    """Over the limit, or so near that it is worth a word."""
    return need >= NEAR * allowed


def cures(capacity: Capacity, squeeze: Squeeze) -> Iterator[Cure]:
    """Smaller stacks, fewer arenas, both: what is so already is left out."""
    threads = squeeze.threads
    small = threads.with_stack(SMALL_STACK) if threads.stack.size > SMALL_STACK else None
    few = with_few_arenas(capacity, threads)
    both = replace(few, stack=small.stack) if small and few else None
    for one in (small, few, both):
        if one is not None:
            total = squeeze.need_of(one).total
            yield Cure(
                threads=one,
                has_small_stacks=one.stack.size != threads.stack.size,
                has_few_arenas=one.arenas != threads.arenas,
                total=total,
                fits=not is_near(total, squeeze.allowed),
            )


def with_few_arenas(capacity: Capacity, threads: Threads) -> Threads | None:
    """Two malloc arenas for all threads; None where that changes nothing."""
    few = arenas(threads.crew.stacks, capacity.processors, {VARIABLE: str(FEW_ARENAS)})
    return replace(threads, arenas=few) if few.count < threads.arenas.count else None


def best(capacity: Capacity, squeeze: Squeeze) -> Cure | None:
    """The first that fits, else the one that needs least; None where nothing can be smaller."""
    found = tuple(cures(capacity, squeeze))
    least = min(found, key=lambda one: one.total, default=None)
    return next((one for one in found if one.fits), least)


def stack_directive(crew: Crew) -> str:
    """The directive that sets the stacks of a crew's threads."""
    if crew.options is None:
        return f"`ThreadStackSize {SMALL_STACK}` in the server configuration"
    return f"`stack-size={SMALL_STACK}` in WSGIDaemonProcess {crew.group} ({crew.where})"
