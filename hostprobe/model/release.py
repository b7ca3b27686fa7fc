"""Releases that objects tell of themselves: what they were built against, what is loaded."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from hostprobe.facts.elf import Banners
from hostprobe.facts.files import Files
from hostprobe.facts.package import Owner
from hostprobe.model.interposition.families import FAMILIES, PYTHON
from hostprobe.model.loader.objects import LoadedObject
from hostprobe.model.loader.process import Process
from hostprobe.model.ownership import owner

MARKERS = {family.name: family.markers[0] for family in (*FAMILIES, PYTHON) if family.markers}
"""Family -> a symbol that only an object with that library inside defines. The release texts of an
object are read only if it defines one."""


@dataclass(frozen=True, slots=True)
class BuiltAgainst:
    """An object that runs with an older release of a library than it was built against."""

    object: str
    built: str
    provider: str
    loaded: str
    object_owner: Owner | None
    provider_owner: Owner | None


def built_against(files: Files, process: Process, family: str) -> Iterator[BuiltAgainst]:
    """Objects that bind to a provider of the family and were built against a newer release."""
    providers = [one for one in process.objects if MARKERS[family] in one.elf.definitions]
    for provider in providers:
        loaded = release_of(files, provider, family)
        for one in process.objects:
            if not loaded or one in providers or provider not in process.providers(one):
                continue
            built = release_of(files, one, family)
            if built and is_older(loaded, built):
                yield BuiltAgainst(
                    one.real,
                    built,
                    provider.real,
                    loaded,
                    owner(files, one.real),
                    owner(files, provider.real),
                )


def release_of(files: Files, loaded: LoadedObject, family: str) -> str | None:
    """The newest release text of the family in the object's file."""
    banners = files.read(loaded.real, Banners)
    if not isinstance(banners, Banners):
        return None
    found = [version for name, version in banners.texts if name == family]
    return max(found, key=numbers, default=None)


def releases(files: Files, objects: Sequence[LoadedObject]) -> dict[str, str]:
    """Real path -> the release of the library that the objects are, or have inside.

    An object may have several inside (lxml has libxml2 and zlib): the one that all have is meant.
    """
    inside = [families_in(one) for one in objects]
    shared = [family for family in MARKERS if all(family in families for families in inside)]
    found = {
        one.real: release_of(files, one, (shared or families)[0])
        for one, families in zip(objects, inside, strict=True)
        if shared or families
    }
    return {path: release for path, release in found.items() if release is not None}


def families_in(loaded: LoadedObject) -> list[str]:
    """The families of MARKERS that an object defines."""
    return [family for family, marker in MARKERS.items() if marker in loaded.elf.definitions]


def is_older(one: str, other: str) -> bool:
    """Compare releases number by number; OpenSSL 1.x letters count (1.1.1f before 1.1.1w)."""
    return numbers(one) < numbers(other)


def openssl_feature_release(version: str) -> str:
    """`3.0` of 3.0.19, `1.1.1` of 1.1.1w: what a later patch leaves as it is; "" of none.

    Since 3.0 the third number counts patches, before it the letter (OpenSSL, Versioning Policy).
    """
    parts = numbers(version) if version else ()
    kept = parts[:2] if parts[:1] >= ((3, ""),) else parts[:3]
    return ".".join(str(number) for number, _ in kept)


def is_one_openssl(objects: Iterable[LoadedObject], told: Mapping[str, str]) -> bool:
    """Two or more tell the same feature release; libssl has no text, its libcrypto speaks."""
    speaking = [one for one in objects if not (one.elf.soname or b"").startswith(b"libssl")]
    found = {openssl_feature_release(told.get(one.real, "")) for one in speaking}
    return len(speaking) > 1 and len(found) == 1 and "" not in found


def numbers(version: str) -> tuple[tuple[int, str], ...]:
    """`1.1.1w` -> ((1, ""), (1, ""), (1, "w"))."""
    parts = []
    for part in version.split("."):
        digits = part.rstrip("abcdefghijklmnopqrstuvwxyz")
        parts.append((int(digits or 0), part[len(digits) :]))
    return tuple(parts)
