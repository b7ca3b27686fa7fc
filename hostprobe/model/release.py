"""Releases that objects tell of themselves: what they were built against, what is loaded."""

from collections.abc import Iterator
from dataclasses import dataclass

from hostprobe.facts.elf import Banners
from hostprobe.facts.files import Files
from hostprobe.model.linkage import Linkage
from hostprobe.model.loader.objects import LoadedObject
from hostprobe.model.ownership import owner


@dataclass(frozen=True, slots=True)
class BuiltAgainst:
    """An object that runs with an older release of a library than it was built against."""

    object: str
    built: str
    provider: str
    loaded: str
    object_owner: str | None
    provider_owner: str | None


def built_against(linkage: Linkage, family: str, marker: bytes) -> Iterator[BuiltAgainst]:
    """Objects of the parent that bind to a provider of the marker symbol and are newer than it."""
    process, files = linkage.parent, linkage.files
    providers = [one for one in process.objects if marker in one.elf.definitions]
    for provider in providers:
        loaded = release_of(files, provider, family)
        for one in process.objects:
            if not loaded or one in providers or not binds_to(linkage, one, provider):
                continue
            built = release_of(files, one, family)
            if built and is_older(loaded, built):
                yield BuiltAgainst(
                    one.real,
                    built,
                    provider.real,
                    loaded,
                    owner_text(files, one),
                    owner_text(files, provider),
                )


def binds_to(linkage: Linkage, one: LoadedObject, provider: LoadedObject) -> bool:
    """At least one of its references is bound to that provider."""
    return provider in linkage.parent.providers(one)


def release_of(files: Files, loaded: LoadedObject, family: str) -> str | None:
    """The newest release text of the family in the object's file."""
    banners = files.read(loaded.real, Banners)
    if not isinstance(banners, Banners):
        return None
    found = [version for name, version in banners.texts if name == family]
    return max(found, key=numbers, default=None)


def is_older(one: str, other: str) -> bool:
    """Compare releases number by number; OpenSSL 1.x letters count (1.1.1f before 1.1.1w)."""
    return numbers(one) < numbers(other)


def numbers(version: str) -> tuple[tuple[int, str], ...]:
    """`1.1.1w` -> ((1, ""), (1, ""), (1, "w"))."""
    parts = []
    for part in version.split("."):
        digits = part.rstrip("abcdefghijklmnopqrstuvwxyz")
        parts.append((int(digits or 0), part[len(digits) :]))
    return tuple(parts)


def owner_text(files: Files, loaded: LoadedObject) -> str | None:
    """The package that owns an object, as text."""
    who = owner(files, loaded.real)
    return str(who) if who else None
