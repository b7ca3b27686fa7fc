"""Check: more threads than the control group, the unit or the user may have."""

from collections.abc import Iterator

from hostprobe.check import Certainty, Finding, Severity, check
from hostprobe.model.memory.capacity import Capacities, Capacity
from hostprobe.model.memory.start_limits import exporting
from hostprobe.model.memory.thread_limits import Tasks, ThreadLimit

REFERENCES = (
    "https://www.freedesktop.org/software/systemd/man/latest/systemd.resource-control.html",
    "https://github.com/OpenMathLib/OpenBLAS#setting-the-number-of-threads-using-environment-variables",
)


@check(Severity.high, REFERENCES)
def thread_limit(capacities: Capacities) -> Iterator[Finding]:
    """Httpd's processes have more threads than their limit of tasks allows.

    Why it matters
    --------------
    pids.max of a control group (systemd's `TasksMax=`, `docker run --pids-limit`) and RLIMIT_NPROC
    (`LimitNPROC=`, `ulimit -u`) count threads, not processes. httpd starts within them and grows
    under load; then new children and threads are refused. OpenBLAS starts a thread for every
    processor in each process that imports numpy, and may end the process when it is refused.

    Example
    -------
    `RuntimeError: can't start new thread`; `Couldn't create worker thread 12 in daemon process`;
    `OpenBLAS blas_thread_init: pthread_create failed for thread 1 of 8: Resource temporarily
    unavailable`; `fork: Resource temporarily unavailable`.

    Remedy
    ------
    Raise the limit to the number that the finding computes, or have fewer processes and threads;
    `OPENBLAS_NUM_THREADS=1` where each request is work for one thread anyway. Stop and start
    httpd. Afterwards `hostprobe scan --select thread-limit` is silent.

    Not found by this check
    -----------------------
    Threads that the application itself starts; other processes of the same user, which
    RLIMIT_NPROC counts too; systemd's own default of TasksMax=, unless httpd runs.

    References
    ----------
    cgroups(7), getrlimit(2), systemd.resource-control(5); OpenBLAS's README.
    """
    for capacity in capacities.all:
        for limit in Tasks(capacity).limits():
            if limit.need.total > limit.allowed:
                yield finding(capacity, limit)


def finding(capacity: Capacity, limit: ThreadLimit) -> Finding:
    """One limit; without the pools of imported libraries it is certain."""
    total = limit.need.total
    seen = f" It was reached {limit.refused} times so far." if limit.refused else ""
    return Finding(
        subject=f"instance:{capacity.instance.name}",
        title=f"httpd may have {total} threads where {limit.kind} allows {limit.allowed}",
        severity=Severity.high,
        certainty=certainty(limit),
        detail=f"{limit.origin} counts every thread of every process. Beyond it new threads and "
        f"processes are refused.{seen}",
        affected=(capacity.instance.name,),
        evidence={
            "sum": [{"what": part.what, "threads": part.size} for part in limit.need.parts],
            "needed": total,
            "limit": limit.allowed,
            "limit_from": limit.origin,
            "refused": limit.refused,
            "repeat": "ps -eLo user,pid,comm | grep -c -E 'apache2|httpd'; cat /proc/PID/cgroup",
        },
        remedy=tuple(remedy(capacity, limit)),
        identity=(limit.kind,),
    )


def certainty(limit: ThreadLimit) -> Certainty:
    """Seen to be reached, computed from the configuration, or only with what imports bring."""
    if limit.refused:
        return Certainty.observed
    return Certainty.certain if limit.without_pools > limit.allowed else Certainty.likely


def remedy(capacity: Capacity, limit: ThreadLimit) -> Iterator[str]:
    """The cheapest first."""
    if limit.pooled:
        is_enough = limit.without_pools <= limit.allowed
        verdict = "" if is_enough else ", which is not enough by itself"
        setting = exporting(capacity.place, "OPENBLAS_NUM_THREADS", 1)
        yield f"{setting}: {limit.without_pools} threads are left{verdict}."
    yield f"{raising(limit, capacity.place)} at least {limit.need.total}."
    yield "Or lower MaxRequestWorkers, `processes=` and `threads=`. Stop and start httpd."


def raising(limit: ThreadLimit, place: str) -> str:
    """How the limit is set, up to the number."""
    if limit.kind == "RLIMIT_NPROC" and place.endswith(".service"):
        return f"Set LimitNPROC= ({place}) to"
    if limit.kind == "RLIMIT_NPROC":
        return f"Set `ulimit -u` (in dash, Debian's sh, `ulimit -p`) in {place} to"
    if limit.kind == "TasksMax":
        return f"Raise {limit.origin} to"
    return f"Raise {limit.origin} (TasksMax= where systemd starts httpd) to"
