"""What applications do that a check asks for, gathered script by script."""

from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Generic, NamedTuple, TypeVar

from hostprobe.facts.acts import Call, Place
from hostprobe.model.instance import Application, Instance
from hostprobe.model.python.doing import Applications, Doing
from hostprobe.model.python.own_module import Reached

MAX_SHOWN = 20


class Deed(NamedTuple):
    """One thing that a source file does."""

    what: str
    """As a person would write it: "print()"."""

    where: str
    """`file:line`."""

    is_sure: bool
    """It happens whenever the application is loaded."""

    @property
    def repeat(self) -> str:
        """The command that prints its line."""
        file, _, line = self.where.rpartition(":")
        return f"sed -n {line}p {file}"


Verdict = TypeVar("Verdict", bound=Hashable)
Find = Callable[[Doing, Verdict], Iterable[Deed]]
"""What a file does of the kind, where that verdict holds."""


@dataclass(slots=True)
class Doers(Generic[Verdict]):
    """Applications of one script that are judged alike, and what they do."""

    script: str
    verdict: Verdict
    deeds: tuple[Deed, ...]
    applications: list[Application] = field(default_factory=list)

    @property
    def is_sure(self) -> bool:
        """Loading the application is enough."""
        return any(deed.is_sure for deed in self.deeds)

    @property
    def names(self) -> tuple[str, ...]:
        """Of the applications."""
        return tuple(application.name for application in self.applications)

    @property
    def rows(self) -> list[dict[str, object]]:
        """The first deeds, as evidence."""
        return [each._asdict() for each in self.deeds[:MAX_SHOWN]]


def doers(
    doings: Applications,
    instance: Instance,
    find: Find[Verdict],
    judge: Callable[[Application], Verdict | None],
) -> Iterator[Doers[Verdict]]:
    """Those that do something of the kind, by script and verdict; a verdict of None is silence."""
    found: dict[tuple[str, Verdict], Doers[Verdict]] = {}
    for application in instance.programs:
        verdict = judge(application)
        if verdict is None:
            continue
        key = (application.script, verdict)
        if key not in found:
            deeds = tuple(deeds_of(doings, application, find, verdict))
            found[key] = Doers(*key, deeds)
        found[key].applications.append(application)
    yield from (one for one in found.values() if one.deeds)


def deeds_of(
    doings: Applications, application: Application, find: Find[Verdict], verdict: Verdict
) -> Iterator[Deed]:
    """In all files that the application is known to execute."""
    for doing in doings.doing(application):
        if doing.module.reached is not Reached.BESIDE:
            yield from find(doing, verdict)


def deed(doing: Doing, what: str, place: Place) -> Deed:
    """Something done at a place of a file."""
    is_sure = doing.module.runs_at_start and place.at_import and not place.is_conditional
    return Deed(what, f"{doing.path}:{place.line}", is_sure)


def called(doing: Doing, call: Call) -> Deed:
    """A call."""
    return deed(doing, f"{call.name}()", call.place)
