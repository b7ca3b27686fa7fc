"""Check: stacks so small that extensions overflow them."""

from collections.abc import Iterator

from hostprobe.check import Certainty, Finding, Severity, check
from hostprobe.model.instance import Application
from hostprobe.model.memory.capacity import Capacities, Capacity
from hostprobe.model.memory.crews import Crew
from hostprobe.model.memory.cure import SMALL_STACK, stack_directive
from hostprobe.model.memory.stacks import CLibrary
from hostprobe.model.memory.start_limits import limiting_stacks

REFERENCES = (
    "https://modwsgi.readthedocs.io/en/master/user-guides/application-issues.html",
    "https://wiki.musl-libc.org/functional-differences-from-glibc.html",
)
MODULES_SHOWN = 10


@check(Severity.medium, REFERENCES)
def stack_too_small(capacities: Capacities) -> Iterator[Finding]:
    """The stacks of threads are so small that extensions may overflow them.

    Why it matters
    --------------
    A thread that needs more stack than it has touches its guard page and the whole process dies
    with SIGSEGV. Python's limit of recursion does not help: it counts calls, and 1000 nested calls
    of C code take several hundred kilobytes. musl (Alpine) gives threads 128 KB unless told
    otherwise.

    Example
    -------
    A nested JSON document with `stack-size=131072`: `AH00052: child pid 4711 exit signal
    Segmentation fault (11)`; of a daemon the log says only `Truncated or oversized response
    headers received from daemon process`.

    Remedy
    ------
    At least 512 KB: `stack-size=524288` for daemons, `ThreadStackSize 524288` for httpd's
    children, or a larger `ulimit -s`. Stop and start httpd. Afterwards `hostprobe scan --select
    stack-too-small` is silent.

    Not found by this check
    -----------------------
    Code that needs more than 512 KB; stacks that the application gives its own threads with
    `threading.stack_size`.

    References
    ----------
    pthread_attr_setstacksize(3); musl's src/internal/pthread_impl.h (DEFAULT_STACK_SIZE).
    """
    for capacity in capacities.all:
        for crew in capacity.crews:
            applications = tuple(one for one in capacity.applications(crew) if one.reachable)
            if applications and is_small(capacity, crew):
                yield finding(capacity, crew, applications)


def is_small(capacity: Capacity, crew: Crew) -> bool:
    """Less than 512 KB; musl's default is not that of a main thread, which is all prefork has."""
    if not crew.stacks and capacity.c_library is CLibrary.musl:
        return False
    return capacity.threads[crew.group].stack.size < SMALL_STACK


def finding(capacity: Capacity, crew: Crew, applications: tuple[Application, ...]) -> Finding:
    """One kind of process."""
    stack = capacity.threads[crew.group].stack
    modules = dict.fromkeys(each.module for one in applications for each in one.reachable)
    return Finding(
        subject=capacity.subject(crew),
        title=f"The threads of {crew} have stacks of {stack.size >> 10} KB, too few for extensions",
        severity=Severity.medium,
        certainty=Certainty.likely,
        detail=f"{stack.origin} decides. An overflow ends the whole process with SIGSEGV; nested "
        "calls of C code need several hundred kilobytes long before Python's own limit of "
        "recursion.",
        affected=tuple(one.name for one in applications),
        evidence={
            "stack": stack.size,
            "stack_from": stack.origin,
            "extensions": list(modules)[:MODULES_SHOWN],
            "extensions_in_all": len(modules),
            "repeat": "grep stack /proc/PID/limits; grep -c . /proc/PID/task/*/comm",
        },
        remedy=tuple(remedy(capacity, crew)),
    )


def remedy(capacity: Capacity, crew: Crew) -> Iterator[str]:
    """The directive of the crew's threads, else the limit of the main thread."""
    if crew.stacks:
        yield f"Set {stack_directive(crew)}, or more."
    if capacity.c_library is CLibrary.glibc:
        limit = limiting_stacks(capacity.place, SMALL_STACK)
        yield f"{'Or at' if crew.stacks else 'At'} least {limit}, for all threads."
    yield "Stop and start httpd."
