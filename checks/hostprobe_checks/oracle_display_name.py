"""Check: a daemon's process title breaks connections of the Oracle client."""

from collections.abc import Iterator

from hostprobe.check import Certainty, Finding, Severity, check
from hostprobe.model.instance import Application, Extension, Instance, ProcessGroup, PythonTopology
from hostprobe.model.process_title import process_title, program_of, seen_titles

REFERENCES = (
    "https://modwsgi.readthedocs.io/en/latest/configuration-directives/WSGIDaemonProcess.html",
)
CLIENTS = frozenset({"cx_Oracle"})
"""Extension modules that always open Oracle's own client library."""

BRACKETS = str.maketrans("", "", "()")


@check(Severity.high, REFERENCES)
def oracle_display_name(topology: PythonTopology) -> Iterator[Finding]:
    """The process title of a daemon process group breaks connections to Oracle.

    Why it matters
    --------------
    Oracle's client library sends the name of the program in the connect descriptor, whose syntax is
    made of parentheses. A parenthesis in the name breaks the descriptor, and the connection fails
    although address, user and password are right. `display-name=%{GROUP}` calls the daemon
    `(wsgi:group)`.

    Example
    -------
    `ORA-06413: Connection not open` from cx_Oracle under `WSGIDaemonProcess orders
    display-name=%{GROUP}`; the same script connects from a shell.

    Remedy
    ------
    Give `display-name=` a plain name without parentheses and restart httpd. Afterwards
    `ps -eo pid,args` shows it and `hostprobe scan --select oracle-display-name` is silent.

    Not found by this check
    -----------------------
    A client that is named in data only (the ENGINE of Django's DATABASES); other programs that an
    application starts; a process title that the application sets itself.

    References
    ----------
    mod_wsgi documentation, WSGIDaemonProcess (display-name); Oracle error ORA-06413.
    """
    for instance in topology.instances:
        for group in instance.process_groups:
            title = process_title(group, program_of(instance))
            hit = tuple(clients(instance, group)) if title.translate(BRACKETS) != title else ()
            if hit:
                yield finding(instance, group, title, hit)


def clients(instance: Instance, group: ProcessGroup) -> Iterator[tuple[Application, Extension]]:
    """The group's applications with the Oracle client that each of them imports."""
    for application in instance.applications:
        if application.process_group == group.name:
            found = next((one for one in application.reachable if one.module in CLIENTS), None)
            if found:
                yield application, found


def finding(
    instance: Instance,
    group: ProcessGroup,
    title: str,
    hit: tuple[tuple[Application, Extension], ...],
) -> Finding:
    """One process group; observed where a daemon is called so already."""
    seen = [(one, text) for one, text in seen_titles(instance, group) if text == title]
    plain = title.translate(BRACKETS) or group.name.translate(BRACKETS)
    client = hit[0][1]
    return Finding(
        subject=f"process-group:{group.name}",
        title=f"{client.module} cannot connect from a process that is called {title}",
        severity=Severity.high,
        certainty=Certainty.observed if seen else Certainty.likely,
        detail=(
            "Oracle's client library puts the name of the program into the connect descriptor, "
            "where a parenthesis ends it too early: ORA-06413."
        ),
        affected=tuple(application.name for application, _ in hit),
        evidence={
            "process_title": title,
            "display_name": group.options["display-name"],
            "where": str(group.where),
            "clients": sorted({extension.path for _, extension in hit}),
            "processes": [one.title for one, _ in seen],
            "repeat": "ps -eo pid,args | grep '[(]'",
        },
        remedy=(
            f"{group.where}: in WSGIDaemonProcess {group.name} write display-name={plain}",
            "Stop and start httpd.",
        ),
        identity=(client.module,),
    )
