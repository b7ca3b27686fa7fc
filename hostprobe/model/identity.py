"""Who each process of an httpd runs as (os/unix/unixd.c of httpd; mod_wsgi's wsgi_setup_access)."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from hostprobe.facts.files import Files, Missing
from hostprobe.facts.httpd import Configuration
from hostprobe.facts.user import ProcessCredentials
from hostprobe.model.instance import Instance, ProcessGroup
from hostprobe.model.running.processes import Role
from hostprobe.model.users import Credentials, Users, credentials

PER_REQUEST = {
    "mpm_itk_module": "mpm_itk serves each request as a user of its own",
    "ruid2_module": "mod_ruid2 serves each request as a user of its own",
    "peruser_module": "mpm_peruser serves each site as a user of its own",
}
"""Modules that decide the user later than httpd's own User."""


@dataclass(frozen=True, slots=True)
class Identities:
    """Who the processes of one instance act as; Missing says why that is not known."""

    child: Credentials | Missing
    """The httpd children, which serve files and embedded applications."""

    daemons: Mapping[str, Credentials | Missing]
    """Process group -> its daemon processes."""

    def of(self, process_group: str | None) -> Credentials | Missing:
        """Who runs an application of this process group: "" is embedded mode."""
        if process_group is None:
            return Missing("the process group is decided per request")
        if process_group == "":
            return self.child
        missing = Missing(f"no WSGIDaemonProcess defines {process_group}")
        return self.daemons.get(process_group, missing)

    def unknown(self) -> Iterable[str]:
        """Why somebody is not known, each reason once."""
        found = (self.child, *self.daemons.values())
        return dict.fromkeys(one.reason for one in found if isinstance(one, Missing))


def identities(users: Users, instance: Instance) -> Identities:
    """Of the children and of every daemon process group."""
    configuration = instance.configuration
    user, group = last(configuration, "user"), last(configuration, "group")
    if not is_started_by_root(instance):
        # without root nobody changes the user, and nothing asks for its name
        same = users.login(starter(instance))
        return Identities(same, {one.name: same for one in instance.process_groups})
    return Identities(
        child=per_request(configuration) or child(users, user, group),
        daemons={one.name: daemon(users, one) for one in instance.process_groups},
    )


def is_started_by_root(instance: Instance) -> bool:
    """Only root can change to User, Group and user=."""
    return starter(instance) in {"root", "#0"}


def starter(instance: Instance) -> str:
    """Who executes httpd: the running parent's user, else User= of the unit, as httpd writes it."""
    planned = instance.configuration.start.user
    if instance.running is not None and instance.running.parent.uid != 0:
        return f"#{instance.running.parent.uid}"
    return f"#{planned}" if planned.isdecimal() else planned


def with_running(files: Files, users: Users, one: Identities, instance: Instance) -> Identities:
    """What the running processes are, where the plan agrees or does not know.

    Users and groups of LDAP or SSSD are in no file; the kernel tells them of a process.
    """
    child, daemons = one.child, dict(one.daemons)
    for role, group, seen in running_credentials(files, instance):
        if role is Role.CHILD and not per_request(instance.configuration):
            child = agreed(users, child, seen)
        elif group in daemons:
            daemons[group] = agreed(users, daemons[group], seen)
    return Identities(child, daemons)


def running_credentials(
    files: Files, instance: Instance
) -> Iterator[tuple[Role, str, ProcessCredentials]]:
    """Of the first child, and of the first process of each daemon group."""
    seen: set[tuple[Role, str]] = set()
    for one in instance.running.processes if instance.running else ():
        key = (one.role, one.group or "")
        if key in seen or one.role is Role.PARENT or one.facts.is_contained:
            continue
        seen.add(key)
        status = files.read(f"/proc/{one.facts.pid}/status", ProcessCredentials)
        if isinstance(status, ProcessCredentials):
            yield *key, status


def agreed(
    users: Users, planned: Credentials | Missing, seen: ProcessCredentials
) -> Credentials | Missing:
    """The plan with the groups that a directory service adds; another user is another start."""
    if isinstance(planned, Missing):
        name = users.user_name(seen.uid)
        return Credentials(name, seen.uid, seen.gid, seen.groups, seen.capabilities)
    if (planned.uid, planned.gid) != (seen.uid, seen.gid):
        return planned
    return replace(planned, groups=planned.groups | seen.groups)


def per_request(configuration: Configuration) -> Missing | None:
    """Missing where a loaded module gives the children other users."""
    for load in configuration.loads:
        if load.symbol in PER_REQUEST:
            return Missing(PER_REQUEST[load.symbol])
    return None


def child(users: Users, user: str | None, group: str | None) -> Credentials | Missing:
    """set_group_privs: User "#1000" must have a name, whose supplementary groups are taken."""
    if user is None:
        return Missing("no User directive says who httpd's children run as")
    uid, gid = users.uid(user), own_group(users, group)
    account = users.account_of_uid(uid) if user.startswith("#") and isinstance(uid, int) else None
    if isinstance(account, Missing):
        return account
    return combined(users, uid, gid, account.name if account else user)


def daemon(users: Users, group: ProcessGroup) -> Credentials | Missing:
    """user= as User; without it User's own text is the name, so "#1000" has no other groups."""
    if "user" in group.options or group.user is None:
        found = child(users, group.user, group.group)
    else:
        gid = own_group(users, group.group)
        found = combined(users, users.uid(group.user), gid, group.user)
    if isinstance(found, Missing) or "supplementary-groups" not in group.options:
        return found
    named = words(group.options["supplementary-groups"])
    return with_groups(found, [users.gid(name) for name in named])


def own_group(users: Users, group: str | None) -> int | Missing:
    """The gid of Group or group=."""
    return Missing("no Group directive") if group is None else users.gid(group)


def combined(
    users: Users, uid: int | Missing, gid: int | Missing, name: str
) -> Credentials | Missing:
    """After setgid, initgroups and setuid."""
    if isinstance(uid, Missing):
        return uid
    if isinstance(gid, Missing):
        return gid
    groups = users.supplementary(name, gid)
    if isinstance(groups, Missing):
        return groups
    return credentials(users.user_name(uid), uid, gid, groups)


def with_groups(one: Credentials, gids: list[int | Missing]) -> Credentials | Missing:
    """supplementary-groups= takes the place of the groups that passwd and group give."""
    for gid in gids:
        if isinstance(gid, Missing):
            return gid
    known = frozenset(gid for gid in gids if isinstance(gid, int))
    return replace(one, groups=known | {one.gid})


def words(text: str) -> list[str]:
    """ap_getword with commas: repeated ones count as one, an empty first word ends the list."""
    if text.startswith(","):
        return []
    return [word for word in text.split(",") if word]


def last(configuration: Configuration, key: str) -> str | None:
    """The argument of a directive that stands in the main server only."""
    values = [one.args[0] for one in configuration.directives if one.key == key and one.args]
    return values[-1] if values else None
