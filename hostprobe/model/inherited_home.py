"""The HOME that the children of an httpd inherit from its start.

systemd gives HOME to units with User= or SetLoginEnvironment= (systemd.exec(5)), Debian's envvars
take it away, a start by hand hands on the caller's. Daemons of mod_wsgi set it themselves.
"""

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass

from hostprobe.facts.files import Files, Missing
from hostprobe.facts.httpd import HttpdStart
from hostprobe.facts.systemd import UnitFile
from hostprobe.model.httpd.environment import find_unit, settings
from hostprobe.model.identity import Identities
from hostprobe.model.instance import Application, Instance
from hostprobe.model.python.doing import Applications
from hostprobe.model.sudo.starts import envvars_of, unit_of, unsets_home
from hostprobe.model.users import Users

HOME = "HOME"
TRUE = frozenset({"1", "yes", "y", "true", "t", "on"})


@dataclass(frozen=True, slots=True)
class InheritedHome:
    """HOME in the children of one httpd, which is not the home of their user."""

    value: str
    because: str
    """Where it comes from, in words."""

    user: str
    own: str
    """The home of that user in passwd."""

    is_observed: bool = False
    is_supposed: bool = False
    """Whoever starts httpd by hand decides; root is supposed."""


def inherited_home(
    files: Files, users: Users, who: Identities, instance: Instance
) -> InheritedHome | None:
    """None: there is no HOME, it is right, or the children's user is not known."""
    if isinstance(who.child, Missing):
        return None
    account = users.account_of_uid(who.child.uid)
    found = present(files, users, instance)
    if isinstance(account, Missing) or found is None:
        return None
    value, because = found
    if posixpath.normpath(value) == posixpath.normpath(account.home):
        return None
    return InheritedHome(
        value,
        because,
        account.name,
        account.home,
        is_observed=instance.running is not None,
        is_supposed=because == BY_HAND,
    )


BY_HAND = "no unit starts this httpd, so it has the HOME of whoever starts it"


def present(files: Files, users: Users, instance: Instance) -> tuple[str, str] | None:
    """The value, and where it comes from; a running httpd tells it itself."""
    start = instance.configuration.start
    if instance.running is not None:
        parent = instance.running.parent
        environment = parent.environment or {}
        return (environment[HOME], f"/proc/{parent.pid}/environ") if HOME in environment else None
    if start.environment and HOME in start.environment:
        return start.environment[HOME], f"the environment that {start.origin} starts httpd with"
    if unsets_home(files, envvars_of(start)) or start.origin == "--config":
        return None
    unit = unit_of(files, start)
    if unit is None:
        return by_hand(users, start)
    name = user_of_home(find_unit(files, unit))
    account = users.account(name) if name else Missing("systemd gives no HOME")
    return None if isinstance(account, Missing) else (account.home, f"{unit}, for User={name}")


def by_hand(users: Users, start: HttpdStart) -> tuple[str, str] | None:
    """Root's, as only root can start an httpd that changes its user."""
    account = users.account(start.user)
    return None if isinstance(account, Missing) else (account.home, BY_HAND)


def user_of_home(unit: tuple[UnitFile, ...]) -> str | None:
    """Whose HOME systemd sets; None: none, as without User=."""
    named, asked = settings(unit, "User"), settings(unit, "SetLoginEnvironment")
    if named:
        return named[-1]
    return "root" if asked and asked[-1].lower() in TRUE else None


def mendings(applications: Applications, application: Application) -> Iterator[tuple[int, str]]:
    """Line and file of what sets or deletes HOME whenever the application is loaded."""
    for doing in applications.starting(application):
        for one in doing.acts.environment:
            is_sure = one.place.at_import and not one.place.is_conditional
            if one.variable == HOME and one.kind != "default" and is_sure:
                yield one.place.line, doing.path
