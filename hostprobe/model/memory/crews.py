"""How many processes and threads one httpd has: as its MPM and mod_wsgi compute them."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from hostprobe.facts.files import Missing
from hostprobe.facts.httpd import Directive, Where
from hostprobe.facts.words import leading_number
from hostprobe.model.instance import Instance, ProcessGroup

DEADLOCK_TIMEOUT = "300"
"""Seconds; mod_wsgi watches for deadlocks unless told otherwise."""

WITH_DISPATCHER = 6
"""From this release on a daemon has a thread for signals."""


class Mpm(StrEnum):
    """The multi-processing modules of Unix."""

    prefork = "prefork"
    worker = "worker"
    event = "event"


@dataclass(frozen=True, slots=True)
class Default:
    """What an MPM takes for granted (server/mpm/*/mpm_default.h and its own source file)."""

    processes: int
    """DEFAULT_SERVER_LIMIT."""

    most_processes: int
    """MAX_SERVER_LIMIT."""

    most_threads: int
    """MAX_THREAD_LIMIT."""


DEFAULTS = {
    Mpm.prefork: Default(256, 200_000, 1),
    Mpm.worker: Default(16, 20_000, 20_000),
    Mpm.event: Default(16, 20_000, 100_000),
}
THREADS, THREAD_LIMIT = 25, 64
"""DEFAULT_THREADS_PER_CHILD, DEFAULT_THREAD_LIMIT."""


@dataclass(frozen=True, slots=True)
class Crew:
    """Processes of one httpd that are all alike."""

    group: str
    """Name of the process group; "" for httpd's own children."""

    title: str
    """How findings call it."""

    processes: int
    """The most there can be."""

    threads: int
    """Of each process in service, the main thread included."""

    stacks: int
    """Threads besides the main one that it ever had; glibc keeps what ended ones had."""

    workers: int
    """Threads that answer requests; the main thread under prefork."""

    where: Where | None
    """The directive that says so."""

    options: ProcessGroup | None = None
    """None for httpd's own children."""

    def __str__(self) -> str:
        return self.title


def crews(instance: Instance) -> tuple[Crew, ...]:
    """The children of httpd, then every daemon process group; no children for an unknown MPM."""
    mpm = mpm_of(instance)
    own = [] if mpm is None else [children(mpm, instance.configuration.directives)]
    has_dispatcher = leading_number(instance.mod_wsgi_version) >= WITH_DISPATCHER
    rest = (daemons(group, has_dispatcher=has_dispatcher) for group in instance.process_groups)
    return (*own, *rest)


def mpm_of(instance: Instance) -> Mpm | None:
    """The one that is loaded, or compiled in; None for another."""
    loads = [load.symbol for load in instance.configuration.loads]
    build = instance.build
    static = () if isinstance(build, Missing) else build.static_modules
    names = (*loads, *static)
    return next((mpm for mpm in Mpm if f"mpm_{mpm}_module" in names), None)


def children(mpm: Mpm, directives: Sequence[Directive]) -> Crew:
    """As the MPM's check_config clamps the directives; AsyncRequestWorkerFactor adds no thread."""
    default = DEFAULTS[mpm]
    limit = clamped(value(directives, "serverlimit", default.processes), default.most_processes)
    if mpm is Mpm.prefork:
        most = value(directives, REQUEST_WORKERS, default.processes)
        where = place(directives, REQUEST_WORKERS)
        return Crew("", "httpd's children", clamped(most, limit), 1, 0, 1, where)
    ceiling = clamped(value(directives, "threadlimit", THREAD_LIMIT), default.most_threads)
    threads = clamped(value(directives, "threadsperchild", THREADS), ceiling)
    workers = value(directives, REQUEST_WORKERS, default.processes * THREADS)
    return Crew(
        group="",
        title="httpd's children",
        processes=clamped(max(workers, threads) // threads, limit),
        threads=threads + 2,  # main and listener
        stacks=threads + 2,  # the listener's, and that of the thread that started all others
        workers=threads,
        where=place(directives, "threadsperchild"),
    )


REQUEST_WORKERS = "maxrequestworkers maxclients"
"""The name of httpd 2.4 and the one it still takes."""


def daemons(group: ProcessGroup, *, has_dispatcher: bool) -> Crew:
    """wsgi_daemon_main of mod_wsgi 4 and 6."""
    deadlock = leading_number(group.options.get("deadlock-timeout", DEADLOCK_TIMEOUT))
    inactivity = leading_number(group.options.get("inactivity-timeout", "0"))
    watching = (deadlock > 0 or inactivity > 0) + (deadlock > 0)
    threads = group.threads + watching + has_dispatcher
    return Crew(
        group=group.name,
        title=f"process group {group.name}",
        processes=group.processes,
        threads=threads + 1,
        stacks=threads,
        workers=group.threads,
        where=group.where,
        options=group,
    )


def clamped(number: int, most: int) -> int:
    """Between 1 and `most`."""
    return min(max(number, 1), most)


def value(directives: Sequence[Directive], names: str, default: int) -> int:
    """The number that the last directive of these names says outside of sections."""
    found = last(directives, names)
    return leading_number(found.args[0]) if found else default


def place(directives: Sequence[Directive], names: str) -> Where | None:
    """Where that one stands."""
    found = last(directives, names)
    return found.where if found else None


def last(directives: Sequence[Directive], names: str) -> Directive | None:
    """The last directive with one of these names, separated by blanks; None without any."""
    known = names.split()
    return next((one for one in reversed(directives) if one.key in known and one.args), None)
