"""Check: state that each process of an application keeps for itself."""

from collections.abc import Iterator

from hostprobe.check import Certainty, Finding, Severity, check
from hostprobe.model.python.deeds import Doers, doers
from hostprobe.model.python.doing import Applications
from hostprobe.model.python.kept_state import Memories, Memory, keeps
from hostprobe.model.sharing.separation import name_for

REFERENCES = (
    "https://modwsgi.readthedocs.io/en/latest/user-guides/application-issues.html",
    "https://modwsgi.readthedocs.io/en/latest/user-guides/processes-and-threading.html",
)


@check(Severity.low, REFERENCES)
def process_local_state(applications: Applications) -> Iterator[Finding]:
    """An application keeps state in the memory of each of its processes.

    Why it matters
    --------------
    httpd answers requests with several processes, and each has the modules of an application, and
    everything in their variables, for itself. A counter counts a part of the requests, a list of
    visitors has only those that this process has seen, and the next request may be answered by
    another. What a process knows is lost when it is recycled.

    Example
    -------
    A counter at module level that shows 1, 2, 1, 3, 2 on five reloads of the page.

    Remedy
    ------
    Keep what must be one for all in a database, memcached or redis; or give the application one
    daemon process (processes=1, threads for what happens at once) that nothing recycles. Restart
    httpd. Afterwards `hostprobe scan --select process-local-state` is silent.

    Not found by this check
    -----------------------
    State of packages in site-packages, of objects, and of functions of which the source does not
    tell that they answer requests. Constants, and caches of what every process can make again, are
    no fault.

    References
    ----------
    mod_wsgi documentation, Application Issues, Application Global Variables; Processes And
    Threading.
    """
    for instance in applications.instances:
        yield from map(finding, doers(applications, instance, keeps, Memories(instance).of))


def finding(one: Doers[Memory]) -> Finding:
    """Of one script in processes of one kind."""
    memory, first = one.verdict, one.deeds[0]
    several = f"{memory.processes} processes have one each"
    lost = f"{memory.recycling} loses it"
    effects = [several] * (memory.processes > 1) + [lost] * bool(memory.recycling)
    return Finding(
        subject=f"script:{one.script}",
        title=f"{one.script} keeps state in memory ({first.what}, {first.where}): "
        + ", ".join(effects),
        severity=Severity.low,
        certainty=Certainty.likely,
        detail=f"It runs in {memory.title}, and a variable of a module belongs to one process.",
        affected=one.names,
        evidence={
            "state": one.rows,
            "processes": memory.processes,
            "recycling": memory.recycling or None,
            "repeat": first.repeat,
        },
        remedy=(
            f"Keep {first.what} in a database, memcached or redis.",
            one_process(one),
        ),
    )


def one_process(one: Doers[Memory]) -> str:
    """A daemon with one process that lasts."""
    memory, first = one.verdict, one.applications[0]
    if memory.group is None:
        name = name_for(first)
        return (
            f"Or one daemon process for it: WSGIDaemonProcess {name} threads=15, with python-home= "
            "and python-path= as WSGIPythonHome and WSGIPythonPath have them, and "
            f"process-group={name} in the line {first.where}."
        )
    changes = ["processes=1"] * (memory.processes > 1)
    changes += [f"no {memory.recycling}"] * bool(memory.recycling)
    return f"Or in the WSGIDaemonProcess of {memory.group}: {', '.join(changes)}."
