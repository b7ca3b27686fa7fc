"""Check: an application connects out, and the boolean that allows it is off."""

from collections.abc import Iterator

from hostprobe.check import Certainty, Finding, Severity, check
from hostprobe.model.outbound import Closed, ClosedBooleans

REFERENCES = ("https://linux.die.net/man/8/httpd_selinux",)


@check(Severity.medium, REFERENCES)
def selinux_boolean_off(closed: ClosedBooleans) -> Iterator[Finding]:
    """An application needs what an SELinux boolean forbids httpd.

    Why it matters
    --------------
    By default SELinux lets httpd connect to nothing: no database over TCP, no mail server, no other
    web service, and it lets no process have memory that is written and executed. The application
    works in a shell and fails in httpd with `Permission denied`, whatever the firewall says.

    Example
    -------
    `psycopg2.OperationalError: could not connect to server: Permission denied. Is the server
    running on host "db" and accepting TCP/IP connections on port 5432?`

    Remedy
    ------
    `setsebool -P` with the narrowest boolean that this host's policy has for it; the finding names
    it. Afterwards `hostprobe scan --select selinux-boolean-off` is silent.

    Not found by this check
    -----------------------
    Whether the connection is ever made, and over which socket: a client that is given a Unix
    socket elsewhere than in Django's settings needs no boolean. Connections that packages of
    others make by themselves.

    References
    ----------
    httpd_selinux(8), booleans(8), setsebool(8).
    """
    for one in closed.all:
        yield finding(one, closed)


def finding(one: Closed, closed: ClosedBooleans) -> Finding:
    """One boolean with everyone who needs it."""
    wider = (f"Or, allowing every connection: setsebool -P {one.wider} on",) if one.wider else ()
    mode = "" if closed.is_enforced else " SELinux is permissive: it only notes what it would deny."
    return Finding(
        subject=f"boolean:{one.boolean}",
        title=f"The SELinux boolean {one.boolean} is off, and {one.applications[0]} "
        f"{'and others need' if one.applications[1:] else 'needs'} {one.service}",
        severity=Severity.medium if closed.is_enforced else Severity.info,
        certainty=Certainty.possible,
        detail=f"{closed.source} says that {one.boolean} is off; {one.places[0]}.{mode}",
        affected=tuple(one.applications),
        evidence={
            "boolean": one.boolean,
            "state_from": closed.source,
            "needs": one.service,
            "places": one.places[:20],
            "enforcing": closed.is_enforced,
            "repeat": f"getsebool {one.boolean}",
        },
        remedy=(f"setsebool -P {one.boolean} on", *wider),
        identity=(one.boolean,),
    )
