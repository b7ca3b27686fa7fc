"""Check: stacks of threads and malloc arenas do not fit the virtual memory there is."""

from collections.abc import Iterator
from typing import Any

from hostprobe.check import Certainty, Finding, Severity, check
from hostprobe.model.memory.capacity import Capacities, Capacity, Squeeze
from hostprobe.model.memory.cure import NEAR, SMALL_STACK, Cure, best, is_near, stack_directive
from hostprobe.model.memory.need import Need
from hostprobe.model.memory.start_limits import (
    exporting,
    limiting_stacks,
    unheard,
)
from hostprobe.model.memory.total import Host, host_squeeze
from hostprobe.model.memory.wording import megabytes

REFERENCES = (
    "https://modwsgi.readthedocs.io/en/master/user-guides/application-issues.html",
    "https://man7.org/linux/man-pages/man2/getrlimit.2.html",
)


@check(Severity.critical, REFERENCES)
def thread_stacks_exceed_memory(capacities: Capacities) -> Iterator[Finding]:
    """The stacks and malloc arenas of threads do not fit the limit of virtual memory.

    Why it matters
    --------------
    Each thread reserves its whole stack, 8 MB unless told otherwise, and glibc's malloc reserves
    64 MB for up to 8 arenas per processor. Both are only reserved, but RLIMIT_AS (`ulimit -v`,
    `virtual-memory-limit=`) counts them; RLIMIT_DATA (`memory-limit=`), the privvmpages of a VPS
    and strict overcommit count the stacks. Where the sum does not fit, threads cannot be created,
    allocations fail with MemoryError and libraries cannot be mapped, at random.

    Example
    -------
    `Couldn't create worker thread 45 in daemon process 'shop'`; `AH03104: ap_thread_create: unable
    to create worker thread`; `MemoryError` with plenty of free memory.

    Remedy
    ------
    Smaller stacks (`stack-size=`, `ThreadStackSize`, `ulimit -s` in envvars, `LimitSTACK=` in the
    unit) and fewer arenas (`MALLOC_ARENA_MAX=2`): the finding says which of them is enough and
    computes the sum. Extensions with deep recursion or large local arrays may need more than 512
    KB of stack. Stop and start httpd. Afterwards
    `hostprobe scan --select thread-stacks-exceed-memory` is silent.

    Not found by this check
    -----------------------
    Threads that the application or a module of httpd (mod_http2, mod_watchdog) starts itself, and
    what the application allocates later, as far as no running process shows it. The limits of
    control groups (MemoryMax=, Docker) count resident memory only: reserved stacks do not break
    them, so they are not compared here.

    References
    ----------
    setrlimit(2), pthread_attr_init(3), mallopt(3); glibc's malloc/arena.c and
    nptl/allocatestack.c; mod_wsgi documentation, Application Issues, Memory Constrained VPS
    Systems.
    """
    for capacity in capacities.all:
        for squeeze in capacity.squeezes:
            if is_near(squeeze.need.total, squeeze.allowed):
                yield finding(capacity, squeeze)
        whole = host_squeeze(capacity)
        if whole and is_near(whole.need.total, whole.allowed):
            yield host_finding(capacity, whole)


def severity(need: int, allowed: int) -> Severity:
    """Critical over the limit, else it is only near."""
    return Severity.critical if need > allowed else Severity.medium


def finding(capacity: Capacity, squeeze: Squeeze) -> Finding:
    """One limit of one kind of process."""
    crew, need, allowed = squeeze.crew, squeeze.need, squeeze.allowed
    share = f"{100 * need.total // allowed} %"
    return Finding(
        subject=capacity.subject(crew),
        title=f"A process of {crew} needs {megabytes(need.total)}, {share} of the "
        f"{megabytes(allowed)} that {squeeze.kind} allows",
        severity=severity(need.total, allowed),
        certainty=Certainty.certain,
        detail=f"{squeeze.limit.origin} limits each process. Its {crew.threads} threads take "
        f"{megabytes(need.parts[0].size)} of stacks and {megabytes(need.parts[1].size)} of malloc "
        "arenas. When the limit is reached, threads are not created and allocations fail.",
        affected=capacity.affected(crew),
        evidence=evidence(need, allowed, squeeze.limit.origin)
        | {
            "threads": crew.threads,
            "where": str(crew.where) if crew.where else None,
            "repeat": "grep -E 'VmSize|VmData|Threads' /proc/PID/status; cat /proc/PID/limits",
        },
        remedy=tuple(remedy(capacity, squeeze, best(capacity, squeeze))),
        identity=(squeeze.kind,),
    )


def evidence(need: Need, allowed: int, origin: str) -> dict[str, Any]:
    """The sum line by line, and the limit."""
    return {
        "sum": [{"what": part.what, "bytes": part.size} for part in need.parts],
        "needed": need.total,
        "limit": allowed,
        "limit_from": origin,
    }


def remedy(capacity: Capacity, squeeze: Squeeze, cure: Cure | None) -> Iterator[str]:
    """The settings that are enough, or the least that the limit has to be."""
    start = capacity.instance.configuration.start
    if cure is not None:
        yield settings(squeeze, cure, capacity.place)
    if cure is None or not cure.fits:
        least = int((cure.total if cure else squeeze.need.total) / NEAR) + 1
        yield (
            f"Raise the limit ({squeeze.limit.origin}) to at least {least}, or take fewer threads."
        )
    if cure is not None and cure.has_small_stacks:
        limit = limiting_stacks(capacity.place, SMALL_STACK)
        yield (
            f"Instead of the directive, {limit}: it holds for every thread that asks for nothing, "
            "those that the application starts itself too (they have "
            f"`threading.stack_size({SMALL_STACK})`). Extensions may need more."
        )
    for line in unheard(capacity.files, start):
        yield f"The ulimit of {line} does nothing: systemd runs no shell for that file."
    yield "Stop and start httpd."


def settings(squeeze: Squeeze, cure: Cure, place: str) -> str:
    """The directives with what they save."""
    words = []
    if cure.has_small_stacks:
        words.append(stack_directive(squeeze.crew))
    if cure.has_few_arenas:
        words.append(exporting(place, "MALLOC_ARENA_MAX", 2))
    saved = squeeze.need.total - cure.total
    verdict = "" if cure.fits else ", which is not enough by itself"
    return (
        f"{' and '.join(words)}: saves {megabytes(saved)}, a process then needs "
        f"{megabytes(cure.total)} of {megabytes(squeeze.allowed)}{verdict}."
    )


def host_finding(capacity: Capacity, whole: Host) -> Finding:
    """All processes together beside a limit of the host."""
    total, allowed = whole.need.total, whole.allowed
    return Finding(
        subject=f"instance:{capacity.instance.name}",
        title=f"All processes of httpd together may need {megabytes(total)}, "
        f"{100 * total // allowed} % of the {megabytes(allowed)} that {whole.kind} allows",
        severity=severity(total, allowed),
        certainty=Certainty.certain,
        detail=f"{whole.origin} counts what processes may write to, used or not: the stacks of "
        "all threads are in it. When it is reached, allocations fail in any process of the host.",
        affected=(capacity.instance.name,),
        evidence=evidence(whole.need, allowed, whole.origin) | {"repeat": whole.repeat},
        remedy=(
            *(
                f"{stack_directive(crew)} saves {megabytes(saved)} in all."
                for crew, saved in whole.savings
            ),
            f"Or {limiting_stacks(capacity.place, SMALL_STACK)}. Extensions may need more.",
            "Fewer processes and threads, or a higher limit. Stop and start httpd.",
        ),
        identity=(whole.kind,),
    )
