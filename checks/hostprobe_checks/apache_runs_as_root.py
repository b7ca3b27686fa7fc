"""Check: httpd's children or mod_wsgi's daemons are root."""

from collections.abc import Iterator

from hostprobe.check import Certainty, Finding, Severity, check
from hostprobe.model.instance import Topology
from hostprobe.model.root_identity import RootIdentity, find_root_identities
from hostprobe.model.users import Users

REFERENCES = ("https://httpd.apache.org/docs/2.4/mod/mod_unixd.html#user",)


@check(Severity.critical, REFERENCES)
def apache_runs_as_root(topology: Topology, users: Users) -> Iterator[Finding]:
    """Httpd's children or mod_wsgi's daemons are to be root.

    Why it matters
    --------------
    The parent is root to open ports and logs; nothing that answers requests may be. httpd refuses
    `User root` and mod_wsgi refuses `user=root`: the server does not start. A build with
    BIG_SECURITY_HOLE starts, and then each flaw of an application is one of the whole host.

    Example
    -------
    `Error: Apache has not been designed to serve pages while running as root.`, or `WSGI process
    blocked from running as root.`

    Remedy
    ------
    An account of its own: `User www-data`, or `user=` of the application's owner; give it the files
    it needs (`hostprobe scan --select script-unreachable` says which). Afterwards `hostprobe scan
    --select apache-runs-as-root` is silent.

    Not found by this check
    -----------------------
    Rights that an application gains by sudo or by set-user-ID programs; mpm_itk, whose waiting
    children are root by design.

    References
    ----------
    unixd_set_user in httpd's modules/arch/unix/mod_unixd.c; mod_wsgi's mod_wsgi.c.
    """
    for instance in topology.instances:
        for one in find_root_identities(users, instance):
            yield finding(one)


def finding(one: RootIdentity) -> Finding:
    """Certain as httpd refuses it, observed where it runs so."""
    seen = ", ".join(str(pid) for pid in one.pids)
    runs = f"Processes {seen} run as root." if seen else f"{one.refusal} httpd does not start."
    return Finding(
        subject=one.subject,
        title=f"{one.title} runs as root" if seen else f"{one.title} is to run as root",
        severity=Severity.critical,
        certainty=Certainty.observed if seen else Certainty.certain,
        detail=runs,
        affected=(one.instance,),
        evidence={"where": one.where, "written": one.written, "pids": list(one.pids)},
        remedy=(f"{one.cure} at {one.where}." if one.where else one.cure, "Stop and start httpd."),
        stops=not seen,
    )
