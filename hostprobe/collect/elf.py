"""The bytes of an ELF file that its parser needs, without mapping the file.

A mapped file that another process truncates kills the reader with SIGBUS. So the needed ranges are
read into anonymous memory of the file's size; pages that nobody reads or writes cost nothing.
"""

import mmap
import os
from collections.abc import Callable, Iterator

from hostprobe.parse.elf.decoder import Segment
from hostprobe.parse.elf.layouts import Layout, layout_of, segments
from hostprobe.parse.elf_ranges import (
    Range,
    dynamic_range,
    header_range,
    outside_code,
    small_ranges,
    table_ranges,
    whole,
)

HEAD = 4096
SMALL = 128 << 10
"""Files up to this size are read at once."""

MAX_READ = 256 << 20
"""Bytes read of one file."""

FLAGS = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | getattr(mmap, "MAP_NORESERVE", 0)


Chosen = Callable[[int, Layout, tuple[Segment, ...]], Iterator[Range]]
"""What to read of an open file whose program headers are known."""


def read_outside_code(descriptor: int, size: int) -> bytes | mmap.mmap:
    """The file with zeros for its code; otherwise as `read_elf`."""
    return read_elf(descriptor, size, lambda _descriptor, _layout, headers: outside_code(headers))


def read_elf(descriptor: int, size: int, chosen: Chosen | None = None) -> bytes | mmap.mmap:
    """The file, or its image with zeros where the parser does not look.

    `chosen`: what else to read but program headers; the tables of the dynamic linker.
    OSError where too much would have to be read or the file changes meanwhile.
    """
    head = os.pread(descriptor, SMALL if size <= SMALL else HEAD, 0)
    if size <= SMALL or head[:4] != b"\x7fELF":
        return head
    ranges = tuple(ranges_of(descriptor, head, size, chosen or tables))
    if sum(length for _, length in ranges) > MAX_READ:
        raise OSError(0, f"its tables have more than {MAX_READ} bytes")
    image = mmap.mmap(-1, size, flags=FLAGS)
    with memoryview(image) as view:
        view[: len(head)] = head
        for offset, length in ranges:
            fill(descriptor, view[offset : offset + length], offset)
    if os.fstat(descriptor).st_size != size:
        raise OSError(0, "changed while it was read")
    return image


def ranges_of(descriptor: int, head: bytes, size: int, chosen: Chosen) -> Iterator[Range]:
    """What to read; the whole file where its kind is unknown."""
    layout = layout_of(head)
    wanted = header_range(layout, head) if layout else None
    if layout and wanted:
        yield wanted
        table = os.pread(descriptor, wanted.size, wanted.offset)
        headers = segments(layout, whole(table, layout.segment.size))
        yield from chosen(descriptor, layout, headers)
    else:
        yield Range(0, size)


def tables(descriptor: int, layout: Layout, headers: tuple[Segment, ...]) -> Iterator[Range]:
    """Notes, interpreter, dynamic section and the tables that it points to."""
    yield from small_ranges(headers)
    dynamic = dynamic_range(headers)
    if dynamic and dynamic.size <= 1 << 20:
        yield from table_ranges(layout, headers, os.pread(descriptor, dynamic.size, dynamic.offset))


def fill(descriptor: int, view: memoryview, offset: int) -> None:
    """Read the whole view from `offset`, as far as the file goes."""
    done = 0
    while done < len(view):
        count = os.preadv(descriptor, [view[done:]], offset + done)
        if count == 0:
            return
        done += count
