"""DT_VERNEED and DT_VERDEF (LSB Core, symbol versioning)."""

from collections.abc import Iterator
from typing import NamedTuple

from hostprobe.facts.elf import VER_FLG_BASE, VER_FLG_WEAK, VERSYM_VERSION, VersionNeed
from hostprobe.parse.elf.image import Dynamic, Image
from hostprobe.parse.elf.limits import MAX_VERSIONS
from hostprobe.parse.error import ParseError

DT_VERSYM, DT_VERDEF, DT_VERNEED = 0x6FFFFFF0, 0x6FFFFFFC, 0x6FFFFFFE


class Version(NamedTuple):
    """What a reference with one version index asks for."""

    node: bytes | None
    file: bytes | None
    hidden: bool
    """Bit 15 of vna_other."""


NO_VERSION = Version(None, None, hidden=False)


class Versions(NamedTuple):
    """Both tables; `by_index` joins them as ld.so does, a definition in front of a need."""

    needs: tuple[VersionNeed, ...]
    definitions: dict[int, bytes]
    by_index: dict[int, Version]


def parse_versions(image: Image, dynamic: Dynamic) -> Versions:
    """Read both tables; entries end where a vn_next, vna_next or vd_next is 0, as in ld.so."""
    needs: list[VersionNeed] = []
    by_index: dict[int, Version] = {}
    for other, flags, file, node in parse_needs(image, dynamic):
        needs.append(VersionNeed(file, node, bool(flags & VER_FLG_WEAK), other & VERSYM_VERSION))
        by_index[other & VERSYM_VERSION] = Version(node, file, bool(other & ~VERSYM_VERSION))
    definitions = dict(parse_definitions(image, dynamic))
    by_index |= {index: Version(node, None, hidden=False) for index, node in definitions.items()}
    return Versions(tuple(needs), definitions, by_index)


def parse_needs(image: Image, dynamic: Dynamic) -> Iterator[tuple[int, int, bytes, bytes]]:
    """Yield vna_other, vna_flags, file and node of each Vernaux."""
    left = MAX_VERSIONS
    for offset in chain(image, dynamic.tags.get(DT_VERNEED), 16, 12, "DT_VERNEED"):
        file, first_auxiliary, _ = image.decoder.words(offset.at + 4, 3)
        address = offset.address + first_auxiliary
        for auxiliary in chain(image, address, 16, 12, "DT_VERNEED"):
            left -= 1
            if left < 0:
                raise ParseError(f"DT_VERNEED has more than the limit of {MAX_VERSIONS} versions")
            flags, other = image.decoder.halves(auxiliary.at + 4, 2)
            (name,) = image.decoder.words(auxiliary.at + 8, 1)
            yield other, flags, dynamic.strings[file], dynamic.strings[name]


def parse_definitions(image: Image, dynamic: Dynamic) -> Iterator[tuple[int, bytes]]:
    """Yield index and node of each Verdef that is not the base definition."""
    for verdef in chain(image, dynamic.tags.get(DT_VERDEF), 20, 16, "DT_VERDEF"):
        _, flags, index, _ = image.decoder.halves(verdef.at, 4)
        if not flags & VER_FLG_BASE:
            _, auxiliary, _ = image.decoder.words(verdef.at + 8, 3)
            at = image.locate(verdef.address + auxiliary, 8, "a name of DT_VERDEF")
            (name,) = image.decoder.words(at, 1)
            yield index & VERSYM_VERSION, dynamic.strings[name]


class Entry(NamedTuple):
    """One structure of a chain."""

    address: int
    at: int
    """File offset."""


def chain(image: Image, address: int | None, size: int, next_at: int, what: str) -> Iterator[Entry]:
    """Follow the distances to the next structure; they are unsigned, so no chain is a cycle."""
    if address is None:
        return
    for _ in range(MAX_VERSIONS):
        at = image.locate(address, size, what)
        yield Entry(address, at)
        (distance,) = image.decoder.words(at + next_at, 1)
        if not distance:
            return
        address += distance
    raise ParseError(f"{what} has more than the limit of {MAX_VERSIONS} entries")
