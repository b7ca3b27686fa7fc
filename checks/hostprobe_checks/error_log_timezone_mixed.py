"""Check: lines of one error log are in different time zones."""

from collections.abc import Iterator

from hostprobe.check import Certainty, Finding, Severity, check
from hostprobe.facts.files import Files
from hostprobe.facts.httpd import Where
from hostprobe.model.httpd.error_log import quoted
from hostprobe.model.python.doing import Applications
from hostprobe.model.sharing.log_zones import MixedLog, mixed_logs, told_apart, variables_file
from hostprobe.model.sharing.zones import Zones

REFERENCES = (
    "https://modwsgi.readthedocs.io/en/latest/user-guides/application-issues.html",
    "https://httpd.apache.org/docs/2.4/mod/core.html#errorlogformat",
)
MAX_SHOWN = 20


@check(Severity.low, REFERENCES)
def error_log_timezone_mixed(applications: Applications) -> Iterator[Finding]:
    """Lines of the error log are in different time zones, and do not say in which.

    Why it matters
    --------------
    Every process writes its lines of the error log itself, in its own local time. An application
    that sets TZ (as Django does from TIME_ZONE) moves the lines of its process: those of a daemon
    stand hours away from those of httpd's other processes about the same request. In embedded mode
    the access log moves too. The usual format has no offset, so the log cannot be put in order, and
    what searches it by time (fail2ban, log shippers) looks at the wrong hour.

    Example
    -------
    httpd in UTC, a daemon with TIME_ZONE = "Asia/Tokyo": `[Fri Nov 27 05:56:06 2026]` and
    `[Fri Nov 27 14:56:06 2026]` follow each other.

    Remedy
    ------
    Start httpd with the same zone: TZ in its envvars file or its unit. Or let the application leave
    the process alone (TIME_ZONE = None, zoneinfo). A format with the offset, since httpd 2.4.58,
    only tells the lines apart; the finding prints it. Afterwards `hostprobe scan --select
    error-log-timezone-mixed` is silent.

    Not found by this check
    -----------------------
    Zones that only the running program knows; logs of the application itself; ErrorLog by other
    providers than files and pipes.

    References
    ----------
    httpd's server/log.c (log_ctime) and server/util_time.c; tzset(3); mod_wsgi documentation,
    Application Issues.
    """
    zones = Zones(applications.files)
    for instance in applications.instances:
        for mixed in mixed_logs(applications, instance, zones):
            yield finding(applications.files, mixed)


def finding(files: Files, mixed: MixedLog) -> Finding:
    """One process, with every application that moves its lines."""
    first = mixed.wishes[0]
    names = dict.fromkeys(wish.zone.name for wish in mixed.wishes)
    is_embedded = not mixed.process.group
    more = ", and of its access log" if is_embedded else ""
    return Finding(
        subject=f"{mixed.process.subject}/error-log",
        title=(
            f"Lines of the error log from {mixed.process.title} are in {' or '.join(names)}, "
            f"those of other processes in {mixed.apache.name}"
        ),
        severity=Severity.low,
        certainty=certainty(mixed),
        detail=(
            f"The application sets the zone of its process, and so of its lines{more}; "
            "ErrorLogFormat shows no offset that would tell them apart."
        ),
        affected=tuple(wish.member.application.name for wish in mixed.wishes),
        evidence={
            "process": mixed.process.title,
            "apache_zone": mixed.apache.name,
            "set": [
                {
                    "application": wish.member.application.name,
                    "zone": wish.zone.name,
                    "by": wish.how,
                    "where": wish.where,
                }
                for wish in mixed.wishes[:MAX_SHOWN]
            ],
            "set_by": len(mixed.wishes),
            "format": mixed.log.format,
            "format_where": str(mixed.log.directive.where) if mixed.log.directive else None,
            "log": mixed.path,
            "steps_back": mixed.steps_back,
            "repeat": f"grep -nE 'TZ|TIME_ZONE' {first.where.partition(':')[0]}",
        },
        remedy=tuple(remedy(files, mixed)),
    )


def certainty(mixed: MixedLog) -> Certainty:
    """Observed where the times of the log go back by just that difference, more than once."""
    if mixed.path is not None:
        return Certainty.observed
    return Certainty.certain if mixed.is_sure else Certainty.likely


def remedy(files: Files, mixed: MixedLog) -> Iterator[str]:
    """The zone for httpd; then the format that tells the lines apart."""
    instance = mixed.process.instance
    zone = mixed.wishes[0].zone.text
    path = variables_file(files, instance)
    if len({wish.key for wish in mixed.wishes}) > 1:
        yield "One zone for each process first: hostprobe explain timezone-clash"
    elif path:
        yield f"{path}: export TZ={zone}"
    else:
        yield f"In a drop-in of httpd's unit: [Service] Environment=TZ={zone}"
    yield "Stop and start httpd."
    line = told_apart(instance, mixed.log)
    if line is not None:
        where = place(mixed.log.directive.where if mixed.log.directive else None, instance.name)
        yield f"Or only tell the lines apart: {where}: ErrorLogFormat {quoted(line)}"


def place(where: Where | None, configuration: str) -> str:
    """Of the directive to change, or the file for a new one."""
    return str(where) if where else configuration
