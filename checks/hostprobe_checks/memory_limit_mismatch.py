"""Check: the two memory limits of a VPS do not fit each other."""

from collections.abc import Iterator

from hostprobe.check import Certainty, Finding, Severity, check
from hostprobe.model.memory.capacity import Capacities
from hostprobe.model.memory.total import BEANCOUNTERS
from hostprobe.model.memory.vps import RULE, Pair, pair_of
from hostprobe.model.memory.wording import megabytes

REFERENCES = (
    "https://modwsgi.readthedocs.io/en/master/user-guides/application-issues.html",
    "https://wiki.openvz.org/UBC_secondary_parameters",
)


@check(Severity.low, REFERENCES)
def memory_limit_mismatch(capacities: Capacities) -> Iterator[Finding]:
    """The virtual memory of this VPS is used up long before its real memory, or the other way.

    Why it matters
    --------------
    A VPS of OpenVZ may limit virtual memory (Memory Limit, privvmpages) and resident memory
    (Context RSS Limit, physpages or oomguarpages) at once. Python in Apache reserves much that it
    never uses: stacks of threads, parts of libraries. With a memory limit below three times the
    RSS limit, allocations fail while most of the paid memory is free.

    Example
    -------
    `MemoryError` and `Cannot allocate memory` with 1024 MB of Memory Limit and 768 MB of Context
    RSS Limit, 200 MB of them in use.

    Remedy
    ------
    Ask the provider for a memory limit of three times the RSS limit, or set it; smaller stacks of
    threads help with either (`ThreadStackSize`, `stack-size=`). Afterwards
    `hostprobe scan --select memory-limit-mismatch` is silent.

    Not found by this check
    -----------------------
    Limits that only the provider's own tools show; containers of other kinds, which limit
    resident memory alone.

    References
    ----------
    mod_wsgi documentation, Application Issues, Memory Constrained VPS Systems; OpenVZ, User
    Beancounters.
    """
    for capacity in capacities.all[:1]:
        pair = pair_of(capacity.files)
        if pair and (pair.is_far or pair.is_starved):
            yield finding(pair)


def finding(pair: Pair) -> Finding:
    """One VPS."""
    memory, resident = pair.memory, pair.resident
    return Finding(
        subject="host:memory",
        title=f"The memory limit of this VPS is {megabytes(memory.limit)} with "
        f"{megabytes(resident.limit)} of resident memory",
        severity=Severity.low,
        certainty=Certainty.observed if pair.is_starved else Certainty.certain,
        detail=explain(pair),
        evidence={
            "memory_limit": memory.limit,
            "memory_used": memory.held,
            "memory_most": memory.most,
            "rss_limit": resident.limit,
            "rss_used": resident.held,
            "rss_most": resident.most,
            "resources": [memory.resource, resident.resource],
            "repeat": f"grep -E 'privvmpages|physpages|oomguarpages' {BEANCOUNTERS}",
        },
        remedy=tuple(remedy(pair)),
    )


def explain(pair: Pair) -> str:
    """What is out of proportion."""
    if pair.is_starved:
        return (
            f"{100 * pair.memory.share:.0f} % of the memory limit was used while only "
            f"{100 * pair.resident.share:.0f} % of the RSS limit was: reserved memory is counted."
        )
    side = "less" if pair.ratio > 1 else "more"
    return f"The rule is three times the RSS limit; this is far {side}."


def remedy(pair: Pair) -> Iterator[str]:
    """By the side that is short."""
    if pair.ratio > 1 or pair.is_starved:
        wanted = max(RULE * pair.resident.limit, pair.memory.limit)
        yield (
            f"Ask for (or set) a memory limit of {megabytes(wanted)}: privvmpages "
            f"{wanted >> 12}:{(wanted >> 12) + (wanted >> 15)}."
        )
        yield "Smaller stacks: `ThreadStackSize 524288`, `stack-size=524288`, `ulimit -s 512`."
    else:
        wanted = pair.memory.limit // RULE
        yield f"Ask for (or set) an RSS limit of {megabytes(wanted)}: {wanted >> 12} pages."
