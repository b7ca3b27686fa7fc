"""Check: 8 MB of stack for each of many threads where virtual memory is short."""

from collections.abc import Iterator

from hostprobe.check import Certainty, Finding, Severity, check
from hostprobe.model.memory.capacity import Capacities, Capacity
from hostprobe.model.memory.crews import Crew
from hostprobe.model.memory.cure import SMALL_STACK, is_near, stack_directive
from hostprobe.model.memory.stacks import USUAL
from hostprobe.model.memory.start_limits import limiting_stacks
from hostprobe.model.memory.total import host_squeeze
from hostprobe.model.memory.wording import megabytes

REFERENCES = ("https://modwsgi.readthedocs.io/en/master/user-guides/application-issues.html",)
MANY = 10
"""Threads; fewer take less than 80 MB."""

SCARCE = 4 << 30
"""Bytes of virtual memory below which every reserved one counts."""


@check(Severity.low, REFERENCES)
def stack_size_default(capacities: Capacities) -> Iterator[Finding]:
    """Many threads have the default stack of 8 MB although virtual memory is limited.

    Why it matters
    --------------
    Linux reserves 8 MB of address space for the stack of each thread that asks for nothing. Hardly
    any Python application needs more than a fraction of it. Where a limit of virtual memory is
    small, the reserved stacks leave less for the application itself, and more threads will not fit.

    Example
    -------
    `WSGIDaemonProcess shop threads=25 virtual-memory-limit=2147483648`: 216 MB for stacks.

    Remedy
    ------
    `stack-size=524288` for daemons, `ThreadStackSize 524288` for httpd's children, or `ulimit -s
    512` in envvars for all threads; more where extensions need it. Stop and start httpd.
    Afterwards `hostprobe scan --select stack-size-default` is silent.

    Not found by this check
    -----------------------
    Threads that the application starts itself: `threading.stack_size(524288)` sets their stacks.
    Where the threads do not fit any more, thread-stacks-exceed-memory answers instead.

    References
    ----------
    pthread_attr_setstacksize(3), getrlimit(2); mod_wsgi documentation, Application Issues,
    Memory Constrained VPS Systems.
    """
    for capacity in capacities.all:
        limits = dict(scarce(capacity))
        for crew in capacity.crews:
            if crew.group in limits and is_crowded(capacity, crew):
                yield finding(capacity, crew, *limits[crew.group])


def is_crowded(capacity: Capacity, crew: Crew) -> bool:
    """Many threads whose stacks nobody decided."""
    stack = capacity.threads[crew.group].stack
    return crew.stacks >= MANY and not stack.is_set and stack.size == USUAL


def scarce(capacity: Capacity) -> Iterator[tuple[str, tuple[str, int]]]:
    """(process group, (origin, bytes)) of limits below 4 GB that the threads still fit."""
    near = {one.crew.group for one in capacity.squeezes if is_near(one.need.total, one.allowed)}
    whole = host_squeeze(capacity)
    if whole and whole.allowed < SCARCE and not is_near(whole.need.total, whole.allowed):
        for crew in capacity.crews:
            if crew.group not in near:
                yield crew.group, (whole.origin, whole.allowed)
    for squeeze in capacity.squeezes:
        if squeeze.crew.group not in near and squeeze.allowed < SCARCE:
            yield squeeze.crew.group, (squeeze.limit.origin, squeeze.allowed)


def finding(capacity: Capacity, crew: Crew, origin: str, allowed: int) -> Finding:
    """One kind of process."""
    stacks, saved = crew.stacks * USUAL, crew.stacks * (USUAL - SMALL_STACK)
    return Finding(
        subject=capacity.subject(crew),
        title=f"{crew.stacks} threads of a process of {crew} reserve {megabytes(stacks)} for "
        f"stacks where virtual memory is limited to {megabytes(allowed)}",
        severity=Severity.low,
        certainty=Certainty.certain,
        detail=f"Nothing sets the size, so each has the default of 8 MB. The limit is {origin}.",
        affected=capacity.affected(crew),
        evidence={
            "threads": crew.threads,
            "stack": USUAL,
            "reserved": stacks,
            "limit": allowed,
            "limit_from": origin,
            "repeat": "grep -E 'stack|address' /proc/PID/limits; grep Threads /proc/PID/status",
        },
        remedy=(
            (
                f"{stack_directive(crew)} saves {megabytes(saved)} for each process; take more "
                "where extensions need it."
            ),
            f"Or {limiting_stacks(capacity.place, SMALL_STACK)} for all threads.",
            "Stop and start httpd.",
        ),
    )
