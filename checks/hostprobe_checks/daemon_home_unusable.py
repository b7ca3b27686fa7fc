"""Check: a daemon process cannot go to its working directory."""

import posixpath
from collections.abc import Iterator

from hostprobe.check import Certainty, Finding, Severity, check
from hostprobe.facts.files import Missing, is_directory
from hostprobe.model.access import SEARCH
from hostprobe.model.instance import ProcessGroup
from hostprobe.model.users import Credentials
from hostprobe.model.working_directory import WorkingDirectories, WorkingDirectory, Workplaces

REFERENCES = (
    "https://modwsgi.readthedocs.io/en/latest/configuration-directives/WSGIDaemonProcess.html",
)


@check(Severity.critical, REFERENCES)
def daemon_home_unusable(places: Workplaces) -> Iterator[Finding]:
    """A daemon process group cannot work: its working directory is missing or closed to its user.

    Why it matters
    --------------
    Before a daemon process serves anything it goes to `home=`, or without that option, and where
    its `user=` is not Apache's own User, to that user's home in passwd. If it cannot, it ends
    and is started again, in a loop of 20 seconds; no application of the group ever answers.

    Example
    -------
    A system user made with `--no-create-home`: `Unable to change working directory to home
    directory '/nonexistent' for uid=998` and `Failure to configure the daemon process correctly`
    in the error log (mod_wsgi 6: WSGI0010), requests wait and time out.

    Remedy
    ------
    Set `home=` in the WSGIDaemonProcess to a directory that the daemon's user may search, and
    restart httpd. Afterwards `hostprobe scan --select daemon-home-unusable` is silent.

    Not found by this check
    -----------------------
    Directories inside `chroot=`; users of a directory service (LDAP, SSSD), whose home is not in
    passwd; homes that an automounter or a security module decides about.

    References
    ----------
    mod_wsgi documentation, WSGIDaemonProcess (home, user); wsgi_setup_access in mod_wsgi.c.
    """
    for one in places.all:
        for group in one.instance.process_groups:
            planned, who = one.planned[group.name], one.who.of(group.name)
            if isinstance(planned, Missing) or isinstance(who, Missing):
                continue
            why = obstacle(places, planned, who)
            if why:
                yield finding(places, one, group, planned, who, why)


def obstacle(places: Workplaces, planned: WorkingDirectory, who: Credentials) -> str:
    """Why chdir(2) fails; "" where it does not, where nothing moves, and where it is not known."""
    if not planned.is_option and not planned.is_passwd:
        return ""
    if not planned.path:
        return "passwd names no directory"
    denied = places.access.denied(who, planned.path, SEARCH)
    if isinstance(denied, Missing):
        return "no such directory" if denied.not_found else ""
    if not is_directory(places.files, denied.path if denied else planned.path):
        return "not a directory"
    return f"{who.user} may not search {denied.path}" if denied else ""


def finding(
    places: Workplaces,
    one: WorkingDirectories,
    group: ProcessGroup,
    planned: WorkingDirectory,
    who: Credentials,
    why: str,
) -> Finding:
    """One process group."""
    applications = [each for each in one.instance.applications if each.process_group == group.name]
    scripts = [each.script for each in applications]
    return Finding(
        subject=f"process-group:{group.name}",
        title=f"the daemons of {group.name} cannot work in {planned.path}: {why}",
        severity=Severity.critical,
        certainty=Certainty.certain,
        detail=(
            f"{planned.path} is {planned.because}. mod_wsgi logs an alert, ends the process and "
            "starts another one that ends the same way; requests to the group wait in vain."
        ),
        affected=tuple(each.name for each in applications),
        evidence={
            "directory": planned.path,
            "decided_by": planned.because,
            "user": who.user,
            "obstacle": why,
            "where": str(group.where),
            "repeat": f"setpriv --reuid={who.uid} --clear-groups --regid={who.gid} "
            f"ls -d {planned.path}/.",
        },
        remedy=(
            (
                f"{group.where}: in WSGIDaemonProcess {group.name} write "
                f"home={usable(places, who, scripts)}, which {who.user} may search"
            ),
            "Stop and start httpd.",
        ),
        identity=(why.replace(planned.path or "", ""),),
    )


def usable(places: Workplaces, who: Credentials, scripts: list[str]) -> str:
    """The directory of a script where the user may enter it, else /."""
    folders = [posixpath.dirname(script) for script in scripts]
    return next((one for one in folders if not places.access.denied(who, one, SEARCH)), "/")
