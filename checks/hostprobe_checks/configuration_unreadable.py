"""Check: httpd's configuration is not valid, incomplete, or only a program can tell what it is."""

from collections.abc import Iterator

from hostprobe.check import Certainty, Finding, Severity, check
from hostprobe.facts.httpd import Fault, Problem
from hostprobe.model.instance import Instance, Topology

REFERENCES = ("https://httpd.apache.org/docs/2.4/configuring.html",)
PLACES_NAMED = 3
REFUSED = "refused"
RELOADING = "'wsgireloadmechanism'"
"""The directive that interpreter-reload tells of."""


@check(Severity.medium, REFERENCES)
def configuration_unreadable(topology: Topology) -> Iterator[Finding]:
    """The configuration of httpd is not valid, or names what is not there.

    Why it matters
    --------------
    A running httpd keeps the configuration that it has read. With a line that it refuses, or an
    included file that is gone, the next start fails, and a signal to reload ends the server. A
    script that is not there is a 404. What Perl or Lua adds to a configuration no check knows.

    Example
    -------
    `Could not open configuration file /etc/apache2/sites-enabled/shop.conf`; `Invalid command
    'SSLEngine'`; a macro that uses itself; a `<Perl>` section.

    Remedy
    ------
    Correct the lines that the finding names; `apachectl -t` must say `Syntax OK` before the next
    reload. Afterwards `hostprobe scan --select configuration-unreadable` is silent.

    Not found by this check
    -----------------------
    Arguments that only the module of a directive refuses, other than those of mod_wsgi. Modules
    that are not there (object-unloadable), process groups defined twice (wsgi-group-undefined).
    What hostprobe itself could not read is no finding: the report lists it and is incomplete.

    References
    ----------
    httpd's server/config.c, server/core.c, mod_so.c, mod_macro.c; apachectl(8).
    """
    for instance in topology.instances:
        for (kind, message), problems in by_cause(instance).items():
            yield finding(instance, kind, message, problems)


def by_cause(instance: Instance) -> dict[tuple[str, str], list[Problem]]:
    """Refusals by their message; all programs, and all missing scripts, are one cause each."""
    found: dict[tuple[str, str], list[Problem]] = {}
    for problem in instance.all_problems():
        if problem.fault is Fault.TOLD or RELOADING in problem.message:
            continue
        if problem.fault:
            found.setdefault((problem.fault, ""), []).append(problem)
        elif problem.fatal:
            found.setdefault((REFUSED, problem.message), []).append(problem)
    return found


def finding(instance: Instance, kind: str, message: str, problems: list[Problem]) -> Finding:
    """One cause, with every line that has it."""
    places = list(dict.fromkeys(str(one.where) for one in problems if one.where))
    first = problems[0].where
    binary = instance.configuration.start.binary
    return Finding(
        subject=f"configuration:{first.file if first else instance.name}",
        title=title(kind, message, len(problems)),
        severity=Severity.medium,
        certainty=Certainty.certain,
        detail=DETAILS[kind],
        affected=(instance.name,),
        evidence={
            "problems": list(dict.fromkeys(map(str, problems))),
            "repeat": f"{binary} -f {instance.name} -t",
        },
        remedy=remedy(kind, places),
        identity=(kind, message),
        stops=kind == REFUSED,
    )


def title(kind: str, message: str, count: int) -> str:
    """What is wrong, in one sentence."""
    if kind == Fault.ABSENT:
        return f"{'A WSGI script is' if count == 1 else f'{count} WSGI scripts are'} not there"
    if kind == Fault.PROGRAM:
        return "A part of the configuration is a program, whose result is not known"
    return f"httpd does not start: {message}"


DETAILS = {
    Fault.ABSENT: "The configuration mounts a file that does not exist: requests get 404.",
    Fault.PROGRAM: "Perl or Lua may add any directive; hostprobe executes nothing, so no check "
    "knows of what they add.",
    REFUSED: "httpd refuses its configuration at this line. If it is running, it still has the "
    "configuration that it read before; the next start or reload fails.",
}


def remedy(kind: str, places: list[str]) -> tuple[str, ...]:
    """Where to look, and how to see that it is right."""
    named = ", ".join(places[:PLACES_NAMED]) or "the command line of httpd"
    more = f" and {len(places) - PLACES_NAMED} more" if len(places) > PLACES_NAMED else ""
    if kind == Fault.ABSENT:
        return (f"Put the script back, or remove the directive: {named}{more}.",)
    if kind == Fault.PROGRAM:
        given = "give hostprobe those it adds with `hostprobe scan -c DIRECTIVE`"
        return (f"Write {named}{more} as plain directives, or {given}.",)
    return (f"Correct {named}{more}.", "Check with `apachectl -t`, then reload.")
