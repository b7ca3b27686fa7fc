"""Check: httpd's processes will need more memory than there is."""

from collections.abc import Iterator

from hostprobe.check import Certainty, Finding, Severity, check
from hostprobe.model.memory.capacity import Capacities, Capacity
from hostprobe.model.memory.resident import Growth, Residence, Room
from hostprobe.model.memory.wording import megabytes

REFERENCES = (
    "https://docs.kernel.org/admin-guide/cgroup-v2.html#memory",
    "https://httpd.apache.org/docs/2.4/mod/mpm_common.html#maxrequestworkers",
)


@check(Severity.high, REFERENCES)
def resident_memory_exceeds_limit(capacities: Capacities) -> Iterator[Finding]:
    """Httpd at its full number of processes needs more memory than its limit or the host has.

    Why it matters
    --------------
    With few visitors few processes run. Under load httpd starts more, up to MaxRequestWorkers, and
    each has its own copy of the application. When the control group (MemoryMax=, Docker's
    --memory) or the host is full, the kernel kills a process with SIGKILL in the middle of
    requests, mostly just then.

    Example
    -------
    Connections that close without an answer, and nothing in httpd's log, which leaves SIGKILL out;
    in the kernel's log `Memory cgroup out of memory: Killed process 4711 (apache2)`.

    Remedy
    ------
    Fewer processes: the finding computes how many fit. Daemon mode keeps the application out of
    httpd's children. Or more memory. Stop and start httpd. Afterwards
    `hostprobe scan --select resident-memory-exceeds-limit` is silent.

    Not found by this check
    -----------------------
    An httpd that does not run, and what its processes will need that they do not use yet: it is
    measured, so scan while the server works. Memory of other programs on the host; swap. Kills
    that only the journal tells of.

    References
    ----------
    proc_pid_smaps(5) (Pss), cgroups(7); httpd's mpm_common, MaxRequestWorkers.
    """
    for capacity in capacities.all:
        residence = Residence(capacity)
        room = residence.room
        if capacity.instance.running is None or room is None:
            continue
        # the pages of each process are only counted where the simple sum does not fit
        is_over = residence.most > room.allowed and residence.need.total > room.allowed
        if is_over or residence.oom_kills:
            yield finding(capacity, residence, room)


def finding(capacity: Capacity, residence: Residence, room: Room) -> Finding:
    """One httpd; observed where processes were killed already."""
    total, kills = residence.need.total, residence.oom_kills
    killed = f"The kernel killed {kills} processes for it so far. " if kills else ""
    return Finding(
        subject=f"instance:{capacity.instance.name}",
        title=title(total, kills, room),
        severity=Severity.high,
        certainty=Certainty.observed if kills else Certainty.likely,
        detail=f"{killed}{room.origin[:1].upper()}{room.origin[1:]} is {megabytes(room.allowed)}. "
        "At its full number of processes, each as large as those that run now, httpd needs "
        f"{megabytes(total)}.",
        affected=(capacity.instance.name,),
        evidence={
            "sum": [{"what": part.what, "bytes": part.size} for part in residence.need.parts],
            "needed": total,
            "limit": room.allowed,
            "limit_from": room.origin,
            "oom_kills": kills,
            "repeat": "grep -E 'Pss|Private' /proc/PID/smaps_rollup",
        },
        remedy=tuple(remedy(residence, room)),
        identity=("memory",),
    )


def title(total: int, kills: int, room: Room) -> str:
    """What was seen comes first."""
    if kills:
        return f"{kills} processes beside or of httpd were killed: memory was full"
    return f"httpd may need {megabytes(total)} of memory where {megabytes(room.allowed)} is allowed"


def remedy(residence: Residence, room: Room) -> Iterator[str]:
    """How many processes of the crew that grows most fit."""
    growth = max(residence.growths, key=lambda one: one.size, default=None)
    if growth is not None and growth.size:
        yield fewer(growth, residence, room)
    yield (
        f"Or raise {room.origin} to at least {megabytes(residence.need.total)}, or give the "
        "application fewer, threaded processes of its own (WSGIDaemonProcess)."
    )
    yield "Stop and start httpd."


def fewer(growth: Growth, residence: Residence, room: Room) -> str:
    """The directive with the number that fits."""
    rest = room.allowed - (residence.need.total - growth.size)
    fit = max(1, growth.running + rest // growth.each) if growth.each else growth.running
    if growth.crew.options is not None:
        return f"`processes={fit}` in WSGIDaemonProcess {growth.crew.group} ({growth.crew.where})."
    workers = fit * max(1, growth.crew.workers)
    where = f" ({growth.crew.where})" if growth.crew.where else ""
    return f"`MaxRequestWorkers {workers}`{where}: {fit} processes fit."
