"""Who each process of an httpd runs as (os/unix/unixd.c of httpd; mod_wsgi's wsgi_setup_access)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from hostprobe.facts.files import Missing
from hostprobe.facts.httpd import Configuration
from hostprobe.model.instance import Instance, ProcessGroup
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
    started_as = configuration.start.user
    started_as = f"#{started_as}" if started_as.isdecimal() else started_as
    if users.uid(started_as) != 0:
        # without root nobody changes the user, and nothing asks for its name
        same = users.login(started_as)
        return Identities(same, {one.name: same for one in instance.process_groups})
    return Identities(
        child=per_request(configuration) or child(users, user, group),
        daemons={one.name: daemon(users, one) for one in instance.process_groups},
    )


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
