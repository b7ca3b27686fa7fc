"""Check: applications of different owners run as one user."""

from collections.abc import Iterator

from hostprobe.check import Certainty, Finding, Severity, check
from hostprobe.model.permissions import Permissions
from hostprobe.model.tenants import SharedUser, find_shared_users

REFERENCES = (
    "https://modwsgi.readthedocs.io/en/latest/configuration-directives/WSGIDaemonProcess.html",
)


@check(Severity.low, REFERENCES)
def apps_share_user(permissions: Permissions) -> Iterator[Finding]:
    """Applications of different owners run as one user.

    Why it matters
    --------------
    Processes of one user have the same rights: each application can read what the others read,
    their settings with the passwords of databases too, change what they may write, and send their
    processes signals. Where the owners do not trust each other, one flawed application is a flaw
    of all of them.

    Example
    -------
    /home/anna/app.wsgi and /home/ben/app.wsgi are both served as www-data; Anna's application opens
    Ben's settings.py, which www-data has to be able to read.

    Remedy
    ------
    A daemon process group for each owner, with user= and group= of that owner; the finding prints
    the directives. Then stop and start httpd. Afterwards `hostprobe scan --select apps-share-user`
    is silent.

    Not found by this check
    -----------------------
    Owners that are told apart by something else than the owner of the script; scripts that root
    installed.

    References
    ----------
    credentials(7), signal(7), ptrace(2); mod_wsgi documentation, WSGIDaemonProcess.
    """
    for one in permissions.all:
        for shared in find_shared_users(permissions, one):
            yield finding(permissions, shared)


def finding(permissions: Permissions, shared: SharedUser) -> Finding:
    """One user with all who share it."""
    owners = [permissions.users.user_name(uid) for uid in shared.owners]
    return Finding(
        subject=f"user:{shared.user}",
        title=f"Applications of {', '.join(owners)} all run as {shared.user}",
        severity=Severity.low,
        certainty=Certainty.certain,
        detail="Each of them can read, and where it is writable change, what the others can.",
        affected=tuple(one.name for some in shared.owners.values() for one in some),
        evidence={
            "runs_as": shared.user,
            "scripts": {
                permissions.users.user_name(uid): sorted({one.script for one in some})
                for uid, some in shared.owners.items()
            },
        },
        remedy=tuple(
            f"WSGIDaemonProcess {name} user={name}{group}, and process-group={name} at the "
            f"WSGIScriptAlias of {name}'s applications"
            for name, group in ((name, own_group(permissions, name)) for name in owners)
        ),
    )


def own_group(permissions: Permissions, name: str) -> str:
    """group= of the owner's own group."""
    who = permissions.users.login(name)
    gid = getattr(who, "gid", None)
    return "" if gid is None else f" group={permissions.users.group_name(gid)}"
