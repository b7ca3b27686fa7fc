"""More than one copy of a library in one process, and references that bind to a foreign one."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from hostprobe.facts.plan import Open, OpenFlags
from hostprobe.model.instance import Extension
from hostprobe.model.interposition.families import Family
from hostprobe.model.interposition.partition import bundle_of
from hostprobe.model.interposition.rebinding import ExtensionLoad
from hostprobe.model.loader.objects import LoadedObject
from hostprobe.model.loader.process import Process


@dataclass(frozen=True, slots=True)
class Crossing:
    """References of one object that bind to another copy than the one it comes with."""

    object: LoadedObject
    home: LoadedObject
    """The copy inside the object itself, else the nearest one behind its NEEDED entries."""

    provider: LoadedObject
    symbols: tuple[bytes, ...]
    """Only names that both copies define."""

    kept: int
    """References of the object that stay with its own copy; 0: it uses the other alone."""


@dataclass(frozen=True, slots=True)
class Copies:
    """Objects of one process that each contain the same library."""

    objects: tuple[LoadedObject, ...]
    """Of httpd alone all, in load order; else httpd's first and then what imports bring."""

    crossings: tuple[Crossing, ...] = ()
    extensions: tuple[Extension, ...] = ()
    """The imports that bring another copy; empty where httpd itself holds several."""


def copies(process: Process, family: Family) -> Iterator[Copies]:
    """What the process holds more than once, if anything."""
    found: dict[LoadedObject, None] = {}
    crossed: dict[Crossing, None] = {}
    for marker in family.markers:
        objects = providers(process.objects, marker)
        if len(objects) > 1:
            found |= dict.fromkeys(objects)
            crossed |= dict.fromkeys(crossings(process, objects))
    if found:
        yield Copies(tuple(found), tuple(crossed))


def brought_copies(
    process: Process, loads: Iterable[ExtensionLoad], family: Family
) -> Iterator[Copies]:
    """Copies that imports bring beside those of the process, one for each installed package."""
    bundles: dict[str, list[tuple[LoadedObject, ExtensionLoad]]] = {}
    held = {one: None for marker in family.markers for one in providers(process.objects, marker)}
    for load in loads if held else ():
        for marker in family.markers:
            if providers(held, marker):
                for one in providers(load.brought, marker):
                    bundles.setdefault(bundle_of(one.real), []).append((one, load))
    for pairs in bundles.values():
        own = {one.real: one for one, _ in pairs}
        extensions = {load.extension.path: load.extension for _, load in pairs}
        crossed = crossings_of(process, pairs[0][1], held, own)
        yield Copies((*held, *own.values()), crossed, tuple(extensions.values()))


def crossings_of(
    process: Process, load: ExtensionLoad, held: Iterable[LoadedObject], own: Iterable[str]
) -> tuple[Crossing, ...]:
    """What one import, with copies of its `own`, binds to those that the process held before."""
    after = process.fork()
    after.open(Open(load.extension.path, OpenFlags.NOW, by="python"))
    new = {one.real for one in load.brought}
    brought = (one for one in after.objects if one.real in own)
    found = crossings(after, (*held, *brought))
    return tuple(one for one in found if one.object.real in new)


def providers(objects: Iterable[LoadedObject], marker: bytes) -> tuple[LoadedObject, ...]:
    """Objects that define the marker, in the same order."""
    return tuple(one for one in objects if marker in one.elf.definitions)


def crossings(process: Process, objects: tuple[LoadedObject, ...]) -> Iterator[Crossing]:
    """Everything in the process that has a copy of its own and uses another."""
    for loaded in process.objects:
        home = home_of(process, loaded, objects)
        if home is not None:
            yield from crossings_from(process, loaded, home, objects)


def crossings_from(
    process: Process, loaded: LoadedObject, home: LoadedObject, objects: tuple[LoadedObject, ...]
) -> Iterator[Crossing]:
    """The foreign copies that one object uses."""
    foreign: dict[LoadedObject, list[bytes]] = {}
    kept = 0
    for reference, provider in zip(loaded.elf.references, process.providers(loaded), strict=False):
        kept += provider is home
        is_foreign = provider is not home and provider in objects
        if provider and is_foreign and reference.name in home.elf.definitions:
            foreign.setdefault(provider, []).append(reference.name)
    for provider, symbols in foreign.items():
        yield Crossing(loaded, home, provider, tuple(dict.fromkeys(symbols)), kept)


def home_of(
    process: Process, loaded: LoadedObject, objects: tuple[LoadedObject, ...]
) -> LoadedObject | None:
    """The copy that an object comes with; None for one that has none."""
    seen, todo = {loaded}, [loaded]
    for one in todo:
        if one in objects:
            return one
        todo += (needed for needed in process.needed(one) if needed not in seen)
        seen.update(todo)
    return None
