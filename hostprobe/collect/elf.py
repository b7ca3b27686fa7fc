"""The bytes of an ELF file that its parser needs, without mapping the file.

A mapped file that another process truncates kills the reader with SIGBUS. So the needed ranges are
read into anonymous memory of the file's size; pages that nobody reads or writes cost nothing.
"""

import mmap
import os
from collections.abc import Iterator

from hostprobe.parse.elf.layouts import Layout, layout_of, segments
from hostprobe.parse.elf_ranges import (
    Range,
    dynamic_range,
    header_range,
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


def read_elf(descriptor: int, size: int) -> bytes | mmap.mmap:
    """The file, or its image with zeros where the parser does not look.

    OSError where too much would have to be read or the file changes meanwhile.
    """
    head = os.pread(descriptor, SMALL if size <= SMALL else HEAD, 0)
    if size <= SMALL or head[:4] != b"\x7fELF":
        return head
    ranges = tuple(ranges_of(descriptor, head, size))
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


def ranges_of(descriptor: int, head: bytes, size: int) -> Iterator[Range]:
    """What to read; the whole file where its kind is unknown."""
    layout = layout_of(head)
    wanted = header_range(layout, head) if layout else None
    if layout and wanted:
        yield from needed(descriptor, layout, wanted)
    else:
        yield Range(0, size)


def needed(descriptor: int, layout: Layout, wanted: Range) -> Iterator[Range]:
    """Program headers, notes, interpreter, dynamic section and the tables that it points to."""
    yield wanted
    table = os.pread(descriptor, wanted.size, wanted.offset)
    headers = segments(layout, whole(table, layout.segment.size))
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
