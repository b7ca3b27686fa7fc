"""What ldconfig and the administrator leave for ld.so: /etc/ld.so.cache, /etc/ld.so.preload.

The formats are those of glibc's sysdeps/generic/dl-cache.h, described in ld.so(8) and ldconfig(8).
"""

import re
from collections.abc import Iterator
from struct import Struct, error, unpack_from
from typing import NamedTuple

from hostprobe.facts.linker import CacheEntry, LinkerCache, PreloadFile
from hostprobe.parse.error import ParseError

OLD_MAGIC, NEW_MAGIC = b"ld.so-1.7.0", b"glibc-ld.so.cache1.1"
OLD_HEADER_SIZE, NEW_HEADER_SIZE = 16, 48
BYTE_ORDERS = {2: "<", 3: ">"}
"""Low two bits of the header's flags; 0 before glibc 2.33: not said."""

EXTENSION_MAGIC = 0xEAA42174
TAG_HWCAPS = 1
HWCAP_EXTENSION = 1 << 62
"""Bit of an entry's hwcap: its low 32 bits are an index into the glibc-hwcaps names."""

COMMENT, SEPARATOR = re.compile(rb"#[^\n]*"), re.compile(rb"[ \t\n:]+")
MAX_ENTRIES = 65_536
MAX_NAME = 1_024
MAX_EXTENSIONS = 64
MAX_HWCAPS = 1_024


class Cache(NamedTuple):
    """The file, and where offsets of strings count from."""

    data: bytes
    order: str
    """Byte order for struct."""

    base: int
    """The header of the new format; in the old one the end of the table."""

    def unpack(self, layout: str, at: int) -> tuple[int, ...]:
        """Numbers at an offset."""
        try:
            return unpack_from(self.order + layout, self.data, at)
        except error as problem:
            raise ParseError(f"truncated: nothing to read at offset {at}") from problem

    def string(self, at: int) -> bytes:
        """The NUL-terminated string at an offset from the base."""
        start = self.base + at
        end = self.data.find(b"\0", start, start + MAX_NAME)
        if end < 0:
            raise ParseError(f"no string ends behind offset {start}")
        return self.data[start:end]


def parse_ld_so_cache(data: bytes) -> LinkerCache:
    """Read the new format, the old one, and the old one with the new one behind it (then the new).

    Raises ParseError for anything else and for a damaged cache.
    """
    if data.startswith(NEW_MAGIC):
        return LinkerCache(tuple(new_entries(data, 0)))
    if not data.startswith(OLD_MAGIC):
        raise ParseError("not an ld.so.cache: it begins with neither of its two magic strings")
    # The old format does not say its byte order; compat caches are made on little-endian machines.
    (count,) = Cache(data, "<", 0).unpack("I", 12)
    end = check_end(OLD_HEADER_SIZE, count, 12, data)
    for start in (end, end + 4):  # the new table begins at a multiple of 8, of 4 on i386
        if data.startswith(NEW_MAGIC, start):
            return LinkerCache(tuple(new_entries(data, start)))
    return LinkerCache(tuple(old_entries(data, count)))


def new_entries(data: bytes, base: int) -> Iterator[CacheEntry]:
    """Entries of the format that glibc writes by default since 2.32."""
    table = base + NEW_HEADER_SIZE
    if len(data) < table:
        raise ParseError("truncated in its header")
    cache = Cache(data, byte_order(data, base), base)
    count, _, _, extensions = cache.unpack("IIB3xI", base + len(NEW_MAGIC))
    end = check_end(table, count, 24, data)
    names = hwcap_names(cache, extensions)
    layout = Struct(cache.order + "iIIIQ")
    for flags, key, value, _, hwcap in layout.iter_unpack(data[table:end]):
        name = hwcap_name(names, hwcap)
        yield CacheEntry(cache.string(key), cache.string(value), flags, name)


def byte_order(data: bytes, base: int) -> str:
    """The byte order that the header announces, else the one in which its table fits the file."""
    flags = data[base + 28] & 3
    if flags:
        if flags not in BYTE_ORDERS:
            raise ParseError(f"unknown byte order {flags} in its header")
        return BYTE_ORDERS[flags]
    count = int.from_bytes(data[base + 20 : base + 24], "little")
    return "<" if base + NEW_HEADER_SIZE + 24 * count <= len(data) else ">"


def hwcap_name(names: tuple[str, ...], hwcap: int) -> str:
    """The glibc-hwcaps subdirectory of an entry; "" for the base entry.

    An entry with the legacy hardware bits instead (glibc before 2.37) is named after them.
    """
    if not hwcap & HWCAP_EXTENSION:
        return f"legacy-{hwcap:#x}" if hwcap else ""
    index = hwcap & 0xFFFFFFFF
    if index >= len(names):
        raise ParseError(f"an entry names hardware capability {index} of {len(names)}")
    return names[index]


def hwcap_names(cache: Cache, at: int) -> tuple[str, ...]:
    """The glibc-hwcaps names of the extension section; none where there is no such section."""
    if not at:
        return ()
    magic, count = cache.unpack("II", at)
    if magic != EXTENSION_MAGIC:
        raise ParseError(f"no extensions at offset {at}, where its header says they are")
    if count > MAX_EXTENSIONS:
        raise ParseError(f"{count} extensions are more than the limit of {MAX_EXTENSIONS}")
    for index in range(count):
        tag, _, offset, size = cache.unpack("IIII", at + 8 + 16 * index)
        if tag == TAG_HWCAPS:
            if size > 4 * MAX_HWCAPS:
                raise ParseError(f"{size // 4} hardware capabilities, the limit is {MAX_HWCAPS}")
            names = cache.unpack(f"{size // 4}I", offset)
            return tuple(cache.string(name).decode("ascii", "replace") for name in names)
    return ()


def old_entries(data: bytes, count: int) -> Iterator[CacheEntry]:
    """Entries of the format before glibc 2.2."""
    end = check_end(OLD_HEADER_SIZE, count, 12, data)
    strings = Cache(data, "<", end)
    for flags, key, value in Struct("<iII").iter_unpack(data[OLD_HEADER_SIZE:end]):
        yield CacheEntry(strings.string(key), strings.string(value), flags, "")


def check_end(start: int, count: int, size: int, data: bytes) -> int:
    """Where a table ends, if that is in the file and it is not absurdly long."""
    end = start + count * size
    if count > MAX_ENTRIES:
        raise ParseError(f"{count} entries are more than the limit of {MAX_ENTRIES}")
    if end > len(data):
        raise ParseError(f"truncated: its {count} entries end at {end}, the file at {len(data)}")
    return end


def parse_ld_so_preload(data: bytes) -> PreloadFile:
    """Names between blanks, tabs, newlines and colons; `#` begins a comment up to the line's end.

    ld.so(8) speaks of white space only; colons and comments are what glibc's elf/rtld.c knows too.
    """
    if b"\0" in data:
        raise ParseError("has NUL bytes: not a list of libraries")
    names = SEPARATOR.split(COMMENT.sub(b"", data))
    return PreloadFile(tuple(name.decode("utf-8", "surrogateescape") for name in names if name))
