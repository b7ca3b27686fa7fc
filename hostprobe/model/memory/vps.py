"""The two memory limits of an OpenVZ container: virtual (privvmpages) and resident."""

from dataclasses import dataclass

from hostprobe.facts.files import Files
from hostprobe.facts.memory import Beancounter
from hostprobe.model.memory.stacks import PAGE
from hostprobe.model.memory.total import beancounter

RULE = 3
"""The documentation's rule: the RSS limit is one third of the memory limit."""

FAR = 2
"""Factor that still counts as one third."""

NEAR, LITTLE = 0.8, 0.5
"""Shares of a limit."""


@dataclass(frozen=True, slots=True)
class Counter:
    """Use and limit in bytes."""

    resource: str
    held: int
    most: int
    limit: int

    @property
    def share(self) -> float:
        """The most that was used of the limit so far."""
        return max(self.held, self.most) / self.limit


@dataclass(frozen=True, slots=True)
class Pair:
    """Memory Limit and Context RSS Limit."""

    memory: Counter
    resident: Counter

    @property
    def ratio(self) -> float:
        """1 where the rule is kept; more: too little virtual memory for the resident one."""
        return RULE * self.resident.limit / self.memory.limit

    @property
    def is_far(self) -> bool:
        """Beyond a factor of the rule, to either side."""
        return not 1 / FAR <= self.ratio <= FAR

    @property
    def is_starved(self) -> bool:
        """Virtual memory was nearly used up while little was resident."""
        return self.memory.share >= NEAR and self.resident.share < LITTLE


def pair_of(files: Files) -> Pair | None:
    """None where there is no such container or only one of the limits."""
    memory = counted(beancounter(files, "privvmpages"), uses_barrier=True)
    resident = resident_counter(files)
    return Pair(memory, resident) if memory and resident else None


def resident_counter(files: Files) -> Counter | None:
    """Physpages where it is limited, else what oomguarpages guarantees."""
    used = beancounter(files, "physpages")
    own = counted(used, uses_barrier=False)
    guaranteed = counted(beancounter(files, "oomguarpages"), uses_barrier=True)
    return own or guaranteed


def counted(one: Beancounter | None, *, uses_barrier: bool) -> Counter | None:
    """In bytes; None without a limit."""
    limit = None if one is None else one.barrier if uses_barrier else one.limit
    if one is None or not limit:
        return None
    return Counter(one.resource, one.held * PAGE, one.most * PAGE, limit * PAGE)
