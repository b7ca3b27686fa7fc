"""Check: httpd's children cannot connect to the sockets of mod_wsgi's daemons."""

from collections.abc import Iterator
from dataclasses import replace
from shlex import quote

from hostprobe.check import Certainty, Finding, Severity, check
from hostprobe.model.access import Denial
from hostprobe.model.cure import described
from hostprobe.model.daemon_sockets import (
    LONGEST,
    LONGEST_PID,
    SHORTEST_PID,
    SocketPrefix,
    closed_directory,
    foreign_sockets,
    is_public,
    socket_prefix,
)
from hostprobe.model.instance import ProcessGroup
from hostprobe.model.permissions import InstancePermissions, Permissions

REFERENCES = (
    "https://modwsgi.readthedocs.io/en/latest/configuration-directives/WSGISocketPrefix.html",
)
CURE = "WSGISocketPrefix /var/run/wsgi"


@check(Severity.critical, REFERENCES)
def daemon_socket_unreachable(permissions: Permissions) -> Iterator[Finding]:
    """Httpd's children cannot connect to the sockets of mod_wsgi's daemons.

    Why it matters
    --------------
    Daemon mode passes each request through a UNIX socket. It is made by root, so a closed
    directory is not noticed at the start; the children are httpd's user and cannot get in. Every
    request to every application in a daemon is then answered with 503.

    Example
    -------
    `(13)Permission denied: mod_wsgi: Unable to connect to WSGI daemon process 'shop' on
    '/etc/httpd/logs/wsgi.4711.0.1.sock'` (WSGI0117): the directory of the logs is 0700.

    Remedy
    ------
    `WSGISocketPrefix /var/run/wsgi` outside of virtual hosts, then stop and start httpd. Afterwards
    `hostprobe scan --select daemon-socket-unreachable` is silent.

    Not found by this check
    -----------------------
    A directory that does not exist before the start; sockets hidden by namespaces or forbidden by
    SELinux and AppArmor; a daemon that does not run.

    References
    ----------
    unix(7); wsgi_setup_socket in mod_wsgi's mod_wsgi.c; mod_wsgi documentation, WSGISocketPrefix.
    """
    for one in permissions.all:
        prefix = socket_prefix(permissions.files, one.instance)
        if prefix is not None and one.instance.process_groups:
            yield from by_directory(permissions, one, prefix)
            yield from by_length(one, prefix)
        for group in foreign_sockets(permissions.users, one):
            yield by_owner(one, group)


def by_directory(
    permissions: Permissions, one: InstancePermissions, prefix: SocketPrefix
) -> Iterator[Finding]:
    """Closed to the children, or open to everyone."""
    denial = closed_directory(permissions, one, prefix)
    if denial is not None:
        yield closed(permissions, one, prefix, denial)
    elif is_public(permissions, prefix):
        title = f"The sockets of the daemons are in {prefix.directory}, where everyone may write"
        detail = "It works as long as all see the same directory; whoever is first takes the name."
        yield replace(finding(one, prefix, title, detail), severity=Severity.low)


def closed(
    permissions: Permissions, one: InstancePermissions, prefix: SocketPrefix, denial: Denial
) -> Finding:
    """503 for everything that daemons serve."""
    title = f"{denial.who.user} may not search {denial.path}, where the daemons' sockets are"
    detail = f"{described(denial, permissions.users)}. Every request to a daemon is answered 503."
    found = finding(one, prefix, title, detail)
    place, restart = found.remedy
    return replace(found, remedy=(place, f"Or: {permissions.cures.of(denial)}", restart))


def by_length(one: InstancePermissions, prefix: SocketPrefix) -> Iterator[Finding]:
    """Longer than a socket's address can be, with any process number or with a large one."""
    groups = len(one.instance.process_groups)
    if prefix.length(groups, LONGEST_PID) <= LONGEST:
        return
    always = prefix.length(groups, SHORTEST_PID) > LONGEST
    title = f"The sockets' paths {prefix.path}.* are too long"
    detail = f"The address of a UNIX socket has {LONGEST} bytes: the daemons' sockets are not made."
    found = finding(one, prefix, title, detail)
    yield found if always else replace(found, certainty=Certainty.likely)


def finding(one: InstancePermissions, prefix: SocketPrefix, title: str, detail: str) -> Finding:
    """About the directory of all sockets."""
    return Finding(
        subject=f"path:{prefix.directory}",
        title=title,
        severity=Severity.critical,
        certainty=Certainty.certain,
        detail=detail,
        affected=tuple(f"process group {group.name}" for group in one.instance.process_groups),
        evidence={
            "prefix": prefix.path,
            "where": str(prefix.where) if prefix.where else "compiled into mod_wsgi",
            "repeat": f"namei -l {quote(prefix.directory)}",
        },
        remedy=(CURE, "Stop and start httpd."),
    )


def by_owner(one: InstancePermissions, group: ProcessGroup) -> Finding:
    """socket-user= is not who connects."""
    owner, child = group.options["socket-user"], one.who.child
    name = getattr(child, "user", "")
    return Finding(
        subject=f"process-group:{group.name}",
        title=f"The socket of process group {group.name} belongs to {owner}, not to {name}",
        severity=Severity.critical,
        certainty=Certainty.certain,
        detail=f"Its mode is 0700: only {owner} may connect, the children are {name}. Every "
        "request is answered 503.",
        affected=(f"process group {group.name}",),
        evidence={"socket_user": owner, "child": name, "where": str(group.where)},
        remedy=(f"Take socket-user={owner} out at {group.where}.", "Stop and start httpd."),
    )
