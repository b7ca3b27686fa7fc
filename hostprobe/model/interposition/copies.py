"""More than one copy of a library in one process, and references that bind to a foreign one."""

from collections.abc import Iterator
from dataclasses import dataclass

from hostprobe.model.interposition.families import Family
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


@dataclass(frozen=True, slots=True)
class Copies:
    """Objects of one process that each contain the same library."""

    marker: bytes
    """The symbol that tells it."""

    objects: tuple[LoadedObject, ...]
    """At least two, in load order."""

    crossings: tuple[Crossing, ...]


def copies(process: Process, family: Family) -> Iterator[Copies]:
    """One for each marker of the family that several objects define."""
    for marker in family.markers:
        objects = providers(process, marker)
        if len(objects) > 1:
            yield Copies(marker, objects, tuple(crossings(process, objects)))


def providers(process: Process, marker: bytes) -> tuple[LoadedObject, ...]:
    """Objects that define the marker, in load order."""
    return tuple(one for one in process.objects if marker in one.elf.definitions)


def crossings(process: Process, objects: tuple[LoadedObject, ...]) -> Iterator[Crossing]:
    """Everything in the process that has a copy of its own and uses another."""
    for loaded in process.objects:
        home = home_of(process, loaded, objects)
        if home is None:
            continue
        foreign: dict[LoadedObject, list[bytes]] = {}
        pairs = zip(loaded.elf.references, process.providers(loaded), strict=False)
        for reference, provider in pairs:
            is_foreign = provider is not home and provider in objects
            if provider and is_foreign and reference.name in home.elf.definitions:
                foreign.setdefault(provider, []).append(reference.name)
        for provider, symbols in foreign.items():
            yield Crossing(loaded, home, provider, tuple(dict.fromkeys(symbols)))


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
