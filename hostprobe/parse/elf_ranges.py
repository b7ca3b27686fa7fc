"""Which bytes of a large ELF file its parser will look at: a few hundredths of it.

Either class and byte order (gABI chapters 4 and 5). What is no ELF file of those, or leaves a
doubt, is read whole.
"""

from collections.abc import Iterator
from typing import NamedTuple

from hostprobe.facts.elf import PF_W, PF_X
from hostprobe.parse.elf.decoder import PT_DYNAMIC, PT_INTERP, PT_LOAD, PT_NOTE, Segment
from hostprobe.parse.elf.layouts import Layout

MAX_HEADERS, MAX_SMALL = 256, 1 << 20

SIZES = {5: 10, 7: 8, 17: 18, 23: 2}
"""DT_STRTAB, DT_RELA, DT_REL, DT_JMPREL -> the tag that holds its size."""

UNSIZED = (4, 6, 0x6FFFFEF5, 0x6FFFFFF0, 0x6FFFFFFC, 0x6FFFFFFE)
"""DT_HASH, DT_SYMTAB, DT_GNU_HASH, DT_VERSYM, DT_VERDEF, DT_VERNEED."""


class Range(NamedTuple):
    """Part of a file, bytes."""

    offset: int
    size: int


def header_range(layout: Layout, head: bytes) -> Range | None:
    """Where the program headers are; None: not a file worth the trouble."""
    if len(head) < layout.header.size:
        return None
    _, _, offset, _, size, count = layout.header.unpack_from(head)
    if size != layout.segment.size or not 0 < count <= MAX_HEADERS:
        return None
    return Range(offset, size * count)


def small_ranges(headers: tuple[Segment, ...]) -> Iterator[Range]:
    """PT_DYNAMIC, PT_INTERP and notes."""
    for header in headers:
        if header.type in {PT_DYNAMIC, PT_INTERP, PT_NOTE} and header.filesz <= MAX_SMALL:
            yield Range(header.offset, header.filesz)


def outside_code(headers: tuple[Segment, ...]) -> Iterator[Range]:
    """What is loaded and not executed; everything where constants are not set apart from code."""
    loads = [header for header in headers if header.type == PT_LOAD]
    has_constants = any(not load.flags & (PF_X | PF_W) for load in loads)
    for load in loads:
        if not (has_constants and load.flags & PF_X):
            yield Range(load.offset, load.filesz)


def dynamic_range(headers: tuple[Segment, ...]) -> Range | None:
    """PT_DYNAMIC."""
    found = [header for header in headers if header.type == PT_DYNAMIC]
    return Range(found[-1].offset, found[-1].filesz) if found else None


def table_ranges(layout: Layout, headers: tuple[Segment, ...], dynamic: bytes) -> Iterator[Range]:
    """From the first table in each segment to the end of the last one.

    Where the last has no size of its own the rest of the segment is taken.
    """
    tags = dict(layout.dynamic.iter_unpack(whole(dynamic, layout.dynamic.size)))
    starts = [tags[tag] for tag in (*SIZES, *UNSIZED) if tag in tags]
    ends = {tags[tag]: tags[tag] + tags.get(size, 0) for tag, size in SIZES.items() if tag in tags}
    for load in (header for header in headers if header.type == PT_LOAD):
        inside = [start for start in starts if 0 <= start - load.vaddr < load.filesz]
        if inside:
            known = max(ends.get(start, start) for start in inside)
            stop = load.vaddr + load.filesz
            end = min(known, stop) if max(inside) in ends else stop
            yield Range(load.offset + min(inside) - load.vaddr, end - min(inside))


def whole(table: bytes, size: int) -> bytes:
    """A table without the part of an entry at its end."""
    return table[: len(table) // size * size]
