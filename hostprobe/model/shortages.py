"""Imports that get no space for their static TLS in httpd."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from hostprobe.model.instance import Extension
from hostprobe.model.interposition.rebinding import ExtensionLoad
from hostprobe.model.linkage import Brought, Linkage
from hostprobe.model.loader.objects import LoadedObject
from hostprobe.model.loader.static_tls import Shortage, Space, is_static, shortage, space_at_start


@dataclass(frozen=True, slots=True)
class Denied:
    """A shortage, and whom it hits."""

    shortage: Shortage
    brought: Brought
    is_alone: bool
    """One import is enough; else only several of one application together."""


def denied(linkage: Linkage) -> Iterator[Denied]:
    """Of httpd itself, of each import alone, and of all imports of an application together."""
    start, late = at_start_and_late(linkage.parent.objects)
    space = space_at_start(start, linkage.plan.environment)
    if short := shortage(space, late):
        yield Denied(short, Brought(short.object, (), linkage.reach(())), is_alone=True)
        return
    fitting = []
    for load in linkage.loads:
        if any(is_static(one.elf) for one in load.brought):
            short = shortage(space, (*late, *load.brought))
            fitting += [] if short else [load]
            if short:
                yield Denied(short, brought_by(linkage, short, [load.extension]), is_alone=True)
    yield from together(linkage, space, late, fitting)


def at_start_and_late(
    objects: Iterable[LoadedObject],
) -> tuple[list[LoadedObject], list[LoadedObject]]:
    """What the program starts with, and what is opened afterwards."""
    every = list(objects)
    return [one for one in every if one.cause is None], [one for one in every if one.cause]


def together(
    linkage: Linkage, space: Space, late: list[LoadedObject], fitting: list[ExtensionLoad]
) -> Iterator[Denied]:
    """Imports that fit alone, in the order in which each application makes them."""
    loads = {load.extension.path: load for load in fitting}
    told: set[str] = set()
    for application in linkage.instance.applications:
        extensions = [one for one in application.reachable if one.path in loads]
        objects = {one.real: one for each in extensions for one in loads[each.path].brought}
        short = shortage(space, (*late, *objects.values()))
        if short and short.object.real not in told:
            told.add(short.object.real)
            yield Denied(short, brought_by(linkage, short, extensions), is_alone=False)


def brought_by(linkage: Linkage, short: Shortage, extensions: list[Extension]) -> Brought:
    """The object with the imports that are concerned."""
    return Brought(short.object, tuple(extensions), linkage.reach(extensions))
