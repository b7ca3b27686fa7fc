"""How many heaps glibc's malloc makes for threads (malloc/arena.c, arena_get2)."""

from collections.abc import Mapping
from dataclasses import dataclass

from hostprobe.facts.words import leading_number

HEAP = 64 << 20
"""HEAP_MAX_SIZE with 64-bit addresses: what each arena but the main one reserves, bytes."""

IN_USE = 132 << 10
"""Of a fresh heap: what is readable and writable."""

PER_PROCESSOR, FREE = 8, 8
"""NARENAS_FROM_NCORES; the processors are counted only once there are more than 8 arenas."""

TUNABLE, VARIABLE = "glibc.malloc.arena_max", "MALLOC_ARENA_MAX"


@dataclass(frozen=True, slots=True)
class Arenas:
    """The secondary arenas of one process, once every thread has allocated something."""

    count: int
    why: str
    """The count as a sum."""

    @property
    def reserved(self) -> int:
        """Bytes of address space."""
        return self.count * HEAP

    @property
    def used(self) -> int:
        """Bytes that may be written to, at the least."""
        return self.count * IN_USE


def arenas(others: int, processors: int, environment: Mapping[str, str]) -> Arenas:
    """Each of the threads besides the main one makes an arena until there are enough.

    That of a thread that ended is kept for the next one.
    """
    most = arena_limit(environment)
    if most:
        count = min(others, most - 1)
        return Arenas(count, f"{VARIABLE}={most}: {count} besides the main one")
    ceiling = max(PER_PROCESSOR * processors - 1, FREE)
    count = min(others, ceiling)
    why = (
        f"{count} malloc arenas of {HEAP >> 20} MB: one for each thread but the main one, at most "
        f"{ceiling} with {processors} processors"
    )
    return Arenas(count, why)


def arena_limit(environment: Mapping[str, str]) -> int:
    """GLIBC_TUNABLES, else MALLOC_ARENA_MAX; 0 where neither says a number above 0."""
    tunables = environment.get("GLIBC_TUNABLES", "").split(":")
    pairs = dict(one.split("=", 1) for one in tunables if "=" in one)
    text = pairs.get(TUNABLE) or environment.get(VARIABLE, "")
    return max(0, leading_number(text))
