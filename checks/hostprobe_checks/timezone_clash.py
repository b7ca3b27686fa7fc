"""Check: applications of one process want different time zones."""

from collections.abc import Iterator

from hostprobe.check import Certainty, Finding, Severity, check
from hostprobe.model.python.doing import Applications
from hostprobe.model.sharing.processes import shared_processes
from hostprobe.model.sharing.separation import separation_by
from hostprobe.model.sharing.times import ZoneClash, find_zone_clashes
from hostprobe.model.sharing.zones import Zones

REFERENCES = (
    "https://modwsgi.readthedocs.io/en/latest/user-guides/application-issues.html",
    "https://docs.djangoproject.com/en/stable/ref/settings/#time-zone",
)
MAX_SHOWN = 20


@check(Severity.high, REFERENCES)
def timezone_clash(applications: Applications) -> Iterator[Finding]:
    """Applications of one process want different time zones: the last one loaded sets it for all.

    Why it matters
    --------------
    The local time zone belongs to the process: the variable TZ, read by tzset(). Django sets it
    from TIME_ZONE when its settings are loaded (America/Chicago where they do not say). After a
    second application did the same, time.localtime(), datetime.now() and the times of log files
    of the first are those of the other one's zone, from one request to the next.

    Example
    -------
    Two Django sites in embedded mode, TIME_ZONE "Europe/Berlin" and "UTC": records of the first
    are one or two hours off in those processes that have served a request for the second.

    Remedy
    ------
    Give each zone a daemon process group of its own; the finding prints the directives. Or use
    zoneinfo with aware datetimes, and TIME_ZONE = None, which leaves the process alone. Restart
    httpd. Afterwards `hostprobe scan --select timezone-clash` is silent.

    Not found by this check
    -----------------------
    Zones that only the running program knows; applications that rely on the system's zone and say
    nothing; C code that calls setenv. Zones are compared by their offsets from 2000 to 2037, not
    by their names.

    References
    ----------
    tzset(3); Django's django/conf/__init__.py (Settings); mod_wsgi documentation, Application
    Issues.
    """
    zones = Zones(applications.files)
    for instance in applications.instances:
        for process in shared_processes(instance):
            for clash in find_zone_clashes(applications, process, zones):
                yield finding(clash)


def finding(clash: ZoneClash) -> Finding:
    """One process, with every application that sets a zone in it."""
    first, second, *more = clash.zones
    others = f" and {len(more)} more" if more else ""
    shown = clash.wishes[:MAX_SHOWN]
    files = dict.fromkeys(wish.where.partition(":")[0] for wish in shown)
    is_applied = all(wish.is_applied for wish in clash.wishes)
    return Finding(
        subject=f"{clash.process.subject}/TZ",
        title=(
            f"In {clash.process.title} applications set the time zone to {first} and {second}"
            f"{others}: the one that is loaded last sets it for all"
        ),
        severity=Severity.high,
        certainty=Certainty.certain if clash.is_sure else Certainty.likely,
        detail=(
            "TZ and tzset() work on the whole process, whichever interpreter calls them."
            if is_applied
            else "TZ holds for the whole process; where tzset() is not called it takes effect "
            "with the first mktime() of anyone."
        ),
        affected=tuple(wish.member.application.name for wish in clash.wishes),
        evidence={
            "process": clash.process.title,
            "set": [
                {
                    "application": wish.member.application.name,
                    "zone": wish.zone.name,
                    "by": wish.how,
                    "where": wish.where,
                }
                for wish in shown
            ],
            "set_by": len(clash.wishes),
            "repeat": f"grep -nE 'TZ|TIME_ZONE|tzset' {' '.join(files)}",
        },
        remedy=(
            *separation_by(
                clash.process.instance,
                ((wish.key, wish.member.application) for wish in clash.wishes),
            ),
            "Restart httpd.",
        ),
    )
