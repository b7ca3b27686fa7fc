"""Check: a daemon process group waits for ever for a request that hangs."""

from collections.abc import Iterator

from hostprobe.check import Certainty, Finding, Severity, check
from hostprobe.model.instance import Instance, ProcessGroup, Topology

REFERENCES = (
    "https://modwsgi.readthedocs.io/en/latest/configuration-directives/WSGIDaemonProcess.html",
)
WANTED = 60
"""Seconds that this house grants a request."""


@check(Severity.medium, REFERENCES)
def daemon_request_timeout(topology: Topology) -> Iterator[Finding]:
    """A daemon process group has no request-timeout.

    Why it matters
    --------------
    Without request-timeout= a request that hangs keeps its thread for ever. When all threads hang,
    the application is gone until somebody restarts httpd.

    Example
    -------
    `WSGIDaemonProcess shop threads=5`: the fifth request to a database that does not answer is the
    last one that the shop took.

    Remedy
    ------
    Give every WSGIDaemonProcess a `request-timeout=`. Afterwards `hostprobe scan --select
    daemon-request-timeout` is silent.

    Not found by this check
    -----------------------
    Applications in embedded mode.

    References
    ----------
    mod_wsgi documentation, WSGIDaemonProcess (request-timeout).
    """
    for instance in topology.instances:
        for group in instance.process_groups:
            if "request-timeout" not in group.options:
                yield finding(instance, group)


def finding(instance: Instance, group: ProcessGroup) -> Finding:
    """One process group, with the applications that wait in it."""
    members = (one for one in instance.applications if one.process_group == group.name)
    return Finding(
        subject=f"process-group:{group.name}",
        title=f"process group {group.name} has no request-timeout",
        severity=Severity.medium,
        certainty=Certainty.certain,
        affected=tuple(one.name for one in members),
        evidence={"where": str(group.where), "threads": group.threads},
        remedy=(f"{group.where}: add request-timeout={WANTED}", "Restart httpd."),
        identity=(group.name,),
    )
