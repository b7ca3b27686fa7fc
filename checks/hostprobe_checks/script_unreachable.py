"""Check: a process may not read, or not reach, what an application consists of."""

from collections.abc import Iterator
from shlex import quote

from hostprobe.check import Certainty, Finding, Severity, check
from hostprobe.model.cure import deed, described
from hostprobe.model.permissions import Permissions
from hostprobe.model.unreachable import CHILD, IMPORT, RUNNER, Barrier, find_barriers

REFERENCES = (
    "https://cwiki.apache.org/confluence/display/HTTPD/13PermissionDenied",
    "https://modwsgi.readthedocs.io/en/latest/user-guides/application-issues.html",
)
SHOWN = 10
SYMPTOMS = {
    CHILD: "httpd answers 403 Forbidden (AH00035, or AH00529 where it looks for .htaccess).",
    RUNNER: "The application is not loaded: 500, (13)Permission denied in the error log.",
    IMPORT: "Its import fails: ModuleNotFoundError, ImportError or PermissionError.",
}


@check(Severity.critical, REFERENCES)
def script_unreachable(permissions: Permissions) -> Iterator[Finding]:
    """A file or directory that an application needs is closed to the process that needs it.

    Why it matters
    --------------
    Two users have to come through. httpd's child (User, Group) searches every directory up to the
    script, even if a daemon runs it, and reads .htaccess where AllowOverride permits it. The
    process that runs the application, the child or a daemon with user= and group=, reads the
    script, the Python home, the import path and every extension. One closed component stops all
    applications behind it.

    Example
    -------
    `(13)Permission denied: AH00035: access to / denied (filesystem path '/home/shop/app') because
    search permissions are missing on a component of the path`: the home of user shop is 0700. The
    daemon runs as shop and could read everything, the child cannot reach it.

    Remedy
    ------
    The finding prints one command for each component: mostly `chmod o+x`, which lets nobody list
    the directory, or an ACL entry for the one user. Only for an import path is a restart needed.
    Afterwards `hostprobe scan --select script-unreachable` is silent.

    Not found by this check
    -----------------------
    What SELinux, AppArmor, a mount or the unit's sandbox forbid besides, and what a file server
    decides by itself (NFS with root_squash); daemons with chroot=; requests that mpm_itk serves as
    another user; packages that the application imports later than at its start.

    References
    ----------
    path_resolution(7), acl(5); generic_permission in the kernel's fs/namei.c; ap_directory_walk in
    httpd's server/request.c; mod_wsgi documentation, Application Issues.
    """
    for one in permissions.all:
        for barrier in find_barriers(permissions, one).values():
            yield finding(permissions, barrier)


def finding(permissions: Permissions, barrier: Barrier) -> Finding:
    """One component, for everybody whom it stops."""
    denial = barrier.first
    who = " and ".join(one.user for one in barrier.denials)
    wanted = list(barrier.wanted)
    symptoms = (text for task, text in SYMPTOMS.items() if task in barrier.tasks)
    return Finding(
        subject=f"path:{denial.path}",
        title=f"{who} may not {deed(denial)} {denial.path}",
        severity=Severity.critical,
        certainty=Certainty.certain if barrier.is_certain else Certainty.likely,
        detail=f"{described(denial, permissions.users)}. {' '.join(symptoms)}",
        affected=tuple(barrier.applications),
        evidence={
            "component": denial.path,
            "users": [one.user for one in barrier.denials],
            "wanted": wanted[:SHOWN],
            "repeat": f"namei -l {quote(wanted[0])}; getfacl {quote(denial.path)}",
        },
        remedy=(*commands(permissions, barrier), *another_user(permissions, barrier)),
    )


def commands(permissions: Permissions, barrier: Barrier) -> Iterator[str]:
    """One for each user, where one does not serve them all."""
    yield from dict.fromkeys(permissions.cures.of(one) for one in barrier.denials.values())


def another_user(permissions: Permissions, barrier: Barrier) -> Iterator[str]:
    """Where only the script is closed, its owner can run it."""
    owner = barrier.first.stat.uid
    if owner == 0 or CHILD in barrier.tasks or RUNNER not in barrier.tasks:
        return
    name = permissions.users.user_name(owner)
    for application in barrier.applications.values():
        if application.script == barrier.first.path:
            group = application.process_group
            yield f"Or let its owner run it: WSGIDaemonProcess {group or name} ... user={name}"
            return
