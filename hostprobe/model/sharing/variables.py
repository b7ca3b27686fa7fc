"""Which environment variables an application sets when it is loaded, and how."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from hostprobe.facts.acts import UNKNOWN, EnvironmentChange
from hostprobe.model.instance import Application
from hostprobe.model.python.doing import Applications, Doing
from hostprobe.model.python.own_module import Reached
from hostprobe.model.sharing.processes import SharedProcess


@dataclass(frozen=True, slots=True)
class Wish:
    """What a variable is after an application was loaded into a fresh process."""

    value: str | None
    """None: it is taken away."""

    is_default: bool
    """Only where it was not set before: setdefault."""

    path: str
    line: int
    is_sure: bool
    """It runs when the script is loaded, under no condition."""

    @property
    def where(self) -> str:
        """File and line."""
        return f"{self.path}:{self.line}"

    @property
    def form(self) -> str:
        """In words."""
        if self.value is None:
            return "deleted"
        return "setdefault" if self.is_default else "assigned"


Wishes = Mapping[str, Wish]
"""Variable -> wish."""


@dataclass(frozen=True, slots=True)
class Member:
    """One application of a process and what it sets."""

    application: Application
    wishes: Wishes

    @property
    def interpreter(self) -> str | None:
        """Its application group; "" is the main interpreter, None is decided per request."""
        return self.application.application_group


def members(applications: Applications, process: SharedProcess) -> tuple[Member, ...]:
    """Every application of the process; a script at several mounts is read once."""
    found: dict[tuple[str, int], Wishes] = {}
    result = []
    for application in process.applications:
        key = (application.script, id(application.own))
        if key not in found:
            found[key] = wishes(applications, application)
        result.append(Member(application, found[key]))
    return tuple(result)


def wishes(applications: Applications, application: Application) -> Wishes:
    """By the order of execution; a variable whose value only the running program knows is left out.

    Functions of the script count, for the request calls them; those of other modules do not.
    """
    result: dict[str, Wish | None] = {}
    for doing in applications.starting(application):
        for change in executed(doing):
            if change.variable is not None:
                before = result.get(change.variable)
                is_known = change.variable not in result or before is not None
                after = changed(before, change, doing.path) if is_known else None
                result[change.variable] = after
    return {name: wish for name, wish in result.items() if wish is not None}


def executed(doing: Doing) -> Iterator[EnvironmentChange]:
    """What happens at import, then what functions of the script do."""
    changes = doing.acts.environment
    yield from (one for one in changes if one.place.at_import)
    if doing.module.reached is Reached.SCRIPT:
        yield from (one for one in changes if not one.place.at_import)


def changed(before: Wish | None, change: EnvironmentChange, path: str) -> Wish | None:
    """The wish after one more change; None: unknown from now on."""
    place = change.place
    is_sure = place.at_import and not place.is_conditional
    if change.kind == "delete":
        gone = Wish(None, is_default=False, path=path, line=place.line, is_sure=is_sure)
        return gone if is_sure or before is None else before
    if change.kind == "default" and before is not None and before.value is not None:
        return before
    if change.value == UNKNOWN or not isinstance(change.value, str):
        return None
    is_default = change.kind == "default" and before is None
    wish = Wish(change.value, is_default, path, place.line, is_sure)
    if is_sure or before is None or before.value in (None, wish.value):
        return wish
    return None
