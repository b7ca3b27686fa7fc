"""Whose applications run as which user."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from hostprobe.facts.files import Missing
from hostprobe.model.instance import Application
from hostprobe.model.permissions import InstancePermissions, Permissions
from hostprobe.model.users import Credentials


@dataclass(slots=True)
class SharedUser:
    """One user that runs the applications of several owners."""

    user: str
    owners: dict[int, list[Application]] = field(default_factory=dict)
    """uid of the script's owner -> its applications."""


def find_shared_users(permissions: Permissions, one: InstancePermissions) -> Iterator[SharedUser]:
    """A script of root or of the running user itself is nobody else's."""
    found: dict[int, SharedUser] = {}
    for application in one.instance.applications:
        who = one.who.of(application.process_group)
        stat = permissions.files.stat(application.script)
        if isinstance(stat, Missing) or not isinstance(who, Credentials):
            continue
        if stat.uid not in {0, who.uid}:
            shared = found.setdefault(who.uid, SharedUser(who.user))
            shared.owners.setdefault(stat.uid, []).append(application)
    yield from (shared for shared in found.values() if len(shared.owners) > 1)
