"""References: what the relocations of the object look up."""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, NamedTuple

from hostprobe.facts.elf import (
    STB_LOCAL,
    STB_WEAK,
    STV_DEFAULT,
    STV_PROTECTED,
    VERSYM_VERSION,
    LookupClass,
    Reference,
)
from hostprobe.parse.elf.image import Image
from hostprobe.parse.elf.limits import MAX_DISTINCT_RELOCATIONS, MAX_RELOCATIONS
from hostprobe.parse.elf.machines import Machine
from hostprobe.parse.elf.symbols import SymbolTable, versyms_of
from hostprobe.parse.elf.versions import NO_VERSION, Version
from hostprobe.parse.error import ParseError

DT_PLTRELSZ, DT_RELA, DT_RELASZ, DT_RELAENT = 2, 7, 8, 9
DT_REL, DT_RELSZ, DT_RELENT, DT_PLTREL, DT_JMPREL = 17, 18, 19, 20, 23
DT_RELACOUNT, DT_RELCOUNT = 0x6FFFFFF9, 0x6FFFFFFA
AT_ONCE = 65_536
VISIBLE = (STV_DEFAULT, STV_PROTECTED)
CLASSES = tuple(LookupClass)
Slots = dict[int, bool]
"""Symbol index << 2 | lookup class -> every relocation of it is a JUMP_SLOT; in first-use order."""


class RelocationTable(NamedTuple):
    """The part of one table that may name symbols."""

    offset: int
    entries: int
    size: int
    """Bytes of an entry."""

    is_plt: bool


def relocation_tables(image: Image, tags: dict[int, int]) -> Iterator[RelocationTable]:
    """REL and RELA behind their relative entries, then JMPREL."""
    decoder = image.decoder
    for table, size, entry, relative, entry_size in (
        (DT_REL, DT_RELSZ, DT_RELENT, DT_RELCOUNT, decoder.rel_size),
        (DT_RELA, DT_RELASZ, DT_RELAENT, DT_RELACOUNT, decoder.rela_size),
    ):
        if tags.get(size):
            if tags.get(entry, entry_size) != entry_size:
                raise ParseError(f"a relocation takes {tags[entry]} bytes, not {entry_size}")
            length = without_plt(tags, table, tags[size])
            skipped = tags.get(relative, 0)
            yield from relocation_table(image, tags, table, length, entry_size, skipped)
    if tags.get(DT_PLTRELSZ):
        entry_size = decoder.rel_size if tags.get(DT_PLTREL) == DT_REL else decoder.rela_size
        yield from relocation_table(image, tags, DT_JMPREL, tags[DT_PLTRELSZ], entry_size, 0)


def without_plt(tags: dict[int, int], table: int, size: int) -> int:
    """Bytes of a table without a JMPREL at its end, which some linkers count in as ld.so knows."""
    plt_size = tags.get(DT_PLTRELSZ, 0)
    plt_end = tags.get(DT_JMPREL, 0) + plt_size
    is_inside = tags.get(DT_PLTREL) == table and tags.get(table, 0) + size == plt_end
    return max(size - plt_size, 0) if is_inside else size


def relocation_table(
    image: Image, tags: dict[int, int], tag: int, length: int, size: int, skipped: int
) -> Iterator[RelocationTable]:
    """One table without its first `skipped` entries; nothing when no entry is left."""
    count = length // size - skipped
    if count <= 0:
        return
    if tag not in tags:
        raise ParseError("relocations have a size but no address")
    if count > MAX_RELOCATIONS:
        raise ParseError(f"{count} relocations are more than the limit of {MAX_RELOCATIONS}")
    offset = image.locate(tags[tag] + skipped * size, count * size, "a relocation table")
    yield RelocationTable(offset, count, size, tag == DT_JMPREL)


def distinct(image: Image, table: RelocationTable) -> dict[int, None]:
    """The different (symbol, type) of a table, each in one number, in first-use order."""
    found: dict[int, None] = {}
    for start in range(0, table.entries, AT_ONCE):
        offset = table.offset + start * table.size
        count = min(AT_ONCE, table.entries - start)
        found.update(dict.fromkeys(image.decoder.relocations(offset, count, table.size)))
        if len(found) > MAX_DISTINCT_RELOCATIONS:
            raise ParseError(f"more than {MAX_DISTINCT_RELOCATIONS} different relocations")
    return found


def parse_slots(image: Image, tags: dict[int, int], machine: Machine) -> Slots:
    """What the relocations look up, by symbol index."""
    slots: Slots = {}
    skipped, classes, bits = machine.skipped, machine.classes, image.decoder.type_bits
    types = (1 << bits) - 1
    for table in relocation_tables(image, tags):
        for info in distinct(image, table):
            kind, symbol = info & types, info >> bits
            if symbol and kind not in skipped:
                key = symbol << 2 | classes.get(kind, 0)
                in_plt = table.is_plt and kind == machine.jump_slot
                slots[key] = in_plt and slots.get(key, True)
    return slots


def highest_symbol(slots: Slots) -> int:
    """The highest symbol index that relocations use; 0 without any."""
    return max(slots, default=0) >> 2


class Shapes(dict[int, tuple[Any, ...]]):
    """All fields of a Reference but its name, which the many references of an object share.

    The key packs st_info, st_other, whether the symbol is defined, the lookup class, in_plt and the
    versym entry, so that the loop over the references makes only the references.
    """

    def __init__(self, versions: Mapping[int, Version]) -> None:
        super().__init__()
        self._versions = versions

    def __missing__(self, key: int) -> tuple[Any, ...]:
        bind, kind, visibility = key >> 4 & 15, key & 15, key >> 8 & 3
        shape: tuple[Any, ...] = ()
        if bind != STB_LOCAL and visibility in VISIBLE:
            version = self._versions.get(key >> 20 & VERSYM_VERSION, NO_VERSION)
            shape = (
                *version,
                CLASSES[key >> 17 & 3],
                bind == STB_WEAK,
                bool(key >> 16 & 1),
                visibility == STV_PROTECTED,
                kind,
                bool(key >> 19 & 1),
            )
        self[key] = shape
        return shape


def parse_references(
    table: SymbolTable, slots: Slots, versions: Mapping[int, Version]
) -> tuple[Reference, ...]:
    """The look-ups, without those that bind inside the object (RESOLVE_MAP of ld.so).

    Distinct because linkers give a name and version one symbol; two entries would be two rows.
    """
    indexes = [key >> 2 for key in slots]
    make, names, shapes = partial(tuple.__new__, Reference), table.names, Shapes(versions)
    references = []
    for (key, in_plt), (name, info, other, section, _), versym in zip(
        slots.items(), table.entries(indexes), versyms_of(table, indexes), strict=False
    ):
        shape = shapes[
            info | other << 8 | (section != 0) << 16 | (key & 3) << 17 | in_plt << 19 | versym << 20
        ]
        if shape:
            references.append(make((names[name], *shape)))
    return tuple(references)
