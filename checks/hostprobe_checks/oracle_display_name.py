"""Check: a daemon's process title breaks connections of the Oracle client."""

from collections.abc import Iterator

from hostprobe.check import Certainty, Finding, Severity, check
from hostprobe.model.instance import Application, Instance, ProcessGroup
from hostprobe.model.process_title import process_title, program_of, seen_titles
from hostprobe.model.python.doing import Applications

REFERENCES = (
    "https://modwsgi.readthedocs.io/en/latest/configuration-directives/WSGIDaemonProcess.html",
)
CLIENT = "cx_Oracle"
"""The extension module that always opens Oracle's own client library."""

THICK = "oracledb.init_oracle_client"
"""Without this call oracledb speaks the protocol itself and never opens that library."""

BRACKETS = str.maketrans("", "", "()")


@check(Severity.high, REFERENCES)
def oracle_display_name(applications: Applications) -> Iterator[Finding]:
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
    application starts; a process title that the application sets itself. python-oracledb counts
    where a call of init_oracle_client() switches it to thick mode; in thin mode nothing is wrong.

    References
    ----------
    mod_wsgi documentation, WSGIDaemonProcess (display-name); Oracle error ORA-06413.
    """
    for instance in applications.instances:
        for group in instance.process_groups:
            title = process_title(group, program_of(instance))
            if title.translate(BRACKETS) != title:
                hit = tuple(clients(applications, instance, group))
                if hit:
                    yield finding(instance, group, title, hit)


Client = tuple[Application, str, str]
"""An application, the module that it connects with, and where that is seen."""


def clients(
    applications: Applications, instance: Instance, group: ProcessGroup
) -> Iterator[Client]:
    """The group's applications that use Oracle's own client library."""
    for application in instance.applications:
        if application.process_group == group.name:
            found = client_of(applications, application)
            if found:
                yield application, *found


def client_of(applications: Applications, application: Application) -> tuple[str, str] | None:
    """The module and where it is seen: its file, or the call that switches to thick mode."""
    for extension in application.reachable:
        if extension.module == CLIENT:
            return CLIENT, extension.path
    for one in applications.doing(application):
        for call in one.acts.calls:
            if call.name == THICK:
                return "oracledb", f"{one.path}:{call.place.line}"
    return None


def finding(
    instance: Instance, group: ProcessGroup, title: str, hit: tuple[Client, ...]
) -> Finding:
    """One process group; observed where a daemon is called so already."""
    seen = [(one, text) for one, text in seen_titles(instance, group) if text == title]
    plain = title.translate(BRACKETS) or group.name.translate(BRACKETS)
    modules = sorted({module for _, module, _ in hit})
    return Finding(
        subject=f"process-group:{group.name}",
        title=f"{' and '.join(modules)} cannot connect from a process that is called {title}",
        severity=Severity.high,
        certainty=Certainty.observed if seen else Certainty.likely,
        detail=(
            "Oracle's client library puts the name of the program into the connect descriptor, "
            "where a parenthesis ends it too early: ORA-06413."
        ),
        affected=tuple(application.name for application, _, _ in hit),
        evidence={
            "process_title": title,
            "display_name": group.options["display-name"],
            "where": str(group.where),
            "clients": sorted({place for _, _, place in hit}),
            "processes": [one.title for one, _ in seen],
            "repeat": "ps -eo pid,args | grep '[(]'",
        },
        remedy=(
            f"{group.where}: in WSGIDaemonProcess {group.name} write display-name={plain}",
            "Stop and start httpd.",
        ),
        identity=tuple(modules),
    )
