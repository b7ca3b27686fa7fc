"""Where the processes of an httpd work: what a relative path starts from.

httpd moves to / when it becomes a daemon (apr_proc_detach) and stays where its caller stood
otherwise. A daemon of mod_wsgi goes to home=, or home where its user is not Apache's
(wsgi_setup_access in mod_wsgi.c).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from hostprobe.facts.files import Files, Missing
from hostprobe.facts.httpd import HttpdStart
from hostprobe.model.access import Access
from hostprobe.model.identity import Identities, identities, last
from hostprobe.model.instance import Instance, ProcessGroup, PythonTopology
from hostprobe.model.running.processes import Role, RunningProcess
from hostprobe.model.users import Users

STAYS = frozenset({"FOREGROUND", "ONE_PROCESS", "DEBUG"})
"""Names with which an MPM does not detach (server/mpm/*/): the caller's directory is kept."""


@dataclass(frozen=True, slots=True)
class WorkingDirectory:
    """The directory of one kind of process."""

    path: str | None
    """None: that of whoever starts httpd, wherever that is."""

    because: str
    """What decides it, in words."""

    is_option: bool = False
    """home= of the WSGIDaemonProcess says so."""

    is_passwd: bool = False
    """It is the home of a daemon's user in passwd."""

    is_observed: bool = False
    """A running process stands there."""


@dataclass(frozen=True, slots=True)
class WorkingDirectories:
    """Of one instance."""

    instance: Instance
    who: Identities
    planned: Mapping[str, WorkingDirectory | Missing]
    """Process group -> where it works after the next start; "" for the httpd children."""

    def of(self, process_group: str | None) -> WorkingDirectory | Missing:
        """Where the applications of a process group work: where it runs, as it stands now."""
        if process_group is None:
            return Missing("the process group is decided per request")
        missing = Missing(f"no WSGIDaemonProcess defines {process_group}")
        return seen(self.instance, process_group, self.planned.get(process_group, missing))


class Workplaces:
    """The working directories of every instance, and who may enter what."""

    def __init__(self, files: Files, topology: PythonTopology) -> None:
        self.files = files
        self.access = Access(files)
        self.users = Users(files)
        self.all = tuple(working_directories(self.users, one) for one in topology.instances)


def working_directories(users: Users, instance: Instance) -> WorkingDirectories:
    """As the next start would have them."""
    who = identities(users, instance)
    children = child_directory(instance.configuration.start)
    usual = last(instance.configuration, "user")
    planned = {
        group.name: daemon_directory(users, who, usual, group, children)
        for group in instance.process_groups
    }
    return WorkingDirectories(instance, who, {"": children, **planned})


def child_directory(start: HttpdStart) -> WorkingDirectory:
    """Of the httpd parent, its children, and daemons that nothing moves."""
    kept = STAYS.intersection(start.defines)
    if not kept:
        return WorkingDirectory("/", "httpd moves to / when it detaches")
    if start.directory is None:
        return WorkingDirectory(None, f"-D{min(kept)} keeps the directory of the caller")
    return WorkingDirectory(start.directory, f"{start.origin} starts httpd there, -D{min(kept)}")


def daemon_directory(
    users: Users,
    who: Identities,
    usual: str | None,
    group: ProcessGroup,
    parent: WorkingDirectory,
) -> WorkingDirectory | Missing:
    """Of a daemon process; `usual` is User of the main server."""
    if "chroot" in group.options:
        return Missing(f"{group.name} works inside chroot={group.options['chroot']}")
    if "home" in group.options:
        return WorkingDirectory(
            group.options["home"], f"home= of {group.name} ({group.where})", is_option=True
        )
    credentials = who.of(group.name)
    if isinstance(credentials, Missing) or usual is None:
        return credentials if isinstance(credentials, Missing) else Missing("no User directive")
    if credentials.uid == users.uid(usual):
        return parent
    account = users.account_of_uid(credentials.uid)
    if isinstance(account, Missing):
        return account
    return WorkingDirectory(
        account.home,
        f"the home of {account.name}, who is not {usual} ({group.where})",
        is_passwd=True,
    )


def seen(
    instance: Instance, group: str, planned: WorkingDirectory | Missing
) -> WorkingDirectory | Missing:
    """Where all processes of a group stand; as planned where none runs or they differ."""
    processes = instance.running.processes if instance.running else ()
    found = {one.facts.directory: one.facts.pid for one in processes if is_of(one, group)}
    if len(found) != 1 or None in found:
        return planned
    [(path, pid)] = found.items()
    known = WorkingDirectory(None, "") if isinstance(planned, Missing) else planned
    return replace(known, path=path, because=f"/proc/{pid}/cwd", is_observed=True)


def is_of(one: RunningProcess, group: str) -> bool:
    """It serves applications of the group; under -X the parent itself does."""
    if group:
        return one.role is Role.DAEMON and one.group == group
    return one.role in {Role.CHILD, Role.PARENT}
