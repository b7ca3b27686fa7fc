"""A file of journald through its indexes (systemd's JOURNAL_FILE_FORMAT), regular and compact.

Data objects ("FIELD=value", each once) are found by hash, and know their entries; an entry is a
list of its data objects. Everything is asked by offset, so that only what is looked at is read.
"""

import lzma
import sys
from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterator
from itertools import chain
from operator import lt
from struct import Struct
from typing import NamedTuple

from hostprobe.parse.error import ParseError
from hostprobe.parse.journal.hashes import lookup3, siphash24
from hostprobe.parse.journal.lz4 import unpacked_lz4

SIGNATURE = b"LPKSHHRH"
FILE_ID, MACHINE_ID = slice(24, 40), slice(40, 56)
"""Where a file has its own identity, and that of the machine that it is of."""

HEADER = Struct("<8s4xIB7x16s64xQQ16xQ")
"""Signature, incompatible flags, state, file id, offset and size of the hash table of data, offset
of the last object."""

ONLINE = 1
"""The state of a file that journald writes to."""

XZ, LZ4, KEYED, ZSTD, COMPACT = 1, 2, 4, 8, 16
KNOWN_FLAGS = XZ | LZ4 | KEYED | ZSTD | COMPACT
OBJECT_XZ, OBJECT_LZ4, OBJECT_ZSTD = 1, 2, 4
OBJECT = Struct("<B7xQ")
"""How every object begins: kind, size."""

DATA = Struct("<xB14xQQ8xQQQ")
ARRAY = Struct("<8xQQ")
NUMBER = Struct("<Q")
TYPE_DATA, TYPE_ENTRY, TYPE_ARRAY = 1, 3, 6
ENTRY_ITEMS = 64
COMPACT_WIDTH = 4
CUT_OFF = "it is cut off"

MAX_CHAIN = 10_000
"""Objects with one hash; journald begins a new file at 100."""

MAX_ITEMS = 1_024
"""Fields of an entry, as in journald (ENTRY_FIELD_COUNT_MAX)."""

MAX_TEXT = 64 << 10
"""Bytes that are read of one value; an audit record has at most 8970."""

MAX_KEPT, SHORT = 4_096, 128
"""Values that are kept in memory, and their bytes."""

USUAL = 512
"""Bytes that most objects are within."""

Read = Callable[[int, int], bytes]
"""Offset and size -> the bytes there, fewer at the end of the file."""

Unpack = Callable[[bytes], bytes]
"""A frame of zstd -> its content; OSError where it cannot be had."""


class JournalError(ParseError):
    """A part of a journal is damaged, cut off or of an unknown kind."""


class Data(NamedTuple):
    """One data object; offsets are 0 where there is nothing."""

    flags: int
    hash: int
    next: int
    """The next one in the chain of its hash."""

    entry: int
    """The first entry that it is in."""

    array: int
    """The others."""

    total: int
    """How many entries."""

    payload: bytes
    """As it is in the file, of one that is too long its beginning."""


class JournalFile:
    """One file, read by way of `read`; JournalError for one that cannot be read at all."""

    def __init__(self, read: Read, unzstd: Unpack) -> None:
        self._read = read
        self._unzstd = unzstd
        self.damaged = 0
        """Lists of entries that could not be read to their end."""

        signature, flags, state, key, self._table, size, last = HEADER.unpack(
            self._bytes(0, HEADER.size)
        )
        if signature != SIGNATURE:
            raise JournalError("not a journal")
        if flags & ~KNOWN_FLAGS:
            raise JournalError(f"a journal of a newer format (flags {flags:#x})")
        self._buckets = size // 16
        self._last = last if state == ONLINE else 1 << 64
        """Entries behind it are being written at this moment."""

        self._payload = 72 if flags & COMPACT else 64
        self._width = COMPACT_WIDTH if flags & COMPACT else 8
        self._hash = (lambda text: siphash24(key, text)) if flags & KEYED else lookup3
        self._kept: dict[int, bytes] = {}

    def find(self, text: bytes) -> Data | None:
        """The data object "FIELD=value"; None where no entry has it."""
        if not self._buckets:
            return None
        wanted = self._hash(text)
        (offset,) = NUMBER.unpack(self._bytes(self._table + wanted % self._buckets * 16, 8))
        for _ in range(MAX_CHAIN):
            if not offset:
                return None
            data = self._data(offset)
            if data.hash == wanted and self._text(data) == text:
                return data
            offset = data.next
        raise JournalError("too many values with one hash")

    def entries(self, data: Data, most: int) -> "array[int]":
        """Offsets of the newest entries with this data, in their order.

        Where a part of the list cannot be read what stands before it is given.
        """
        wanted, parts = min(most, data.total), [array("Q")]
        for offset, count in reversed(list(self._arrays(data))):
            taken = min(count, wanted - sum(map(len, parts)))
            parts.append(self._offsets(offset, count - taken, taken))
        found = array("Q", chain.from_iterable(reversed(parts)))
        if len(found) < wanted and data.entry:
            found.insert(0, data.entry)
        if len(found) < wanted:
            self.damaged += 1
        if not all(map(lt, found, found[1:])):
            raise JournalError("a list of entries is out of order")
        return found[: bisect_right(found, self._last)]

    def _arrays(self, data: Data) -> Iterator[tuple[int, int]]:
        """Where each array of the chain begins and how many entries it has, until one is cut."""
        offset, before, left = data.array, 0, data.total - 1
        while offset > before and left > 0:
            try:
                head = self._object(offset, TYPE_ARRAY, ARRAY.size)
            except JournalError:
                return
            size, following = ARRAY.unpack(head)
            count = min(left, (size - ARRAY.size) // self._width)
            yield offset + ARRAY.size, count
            offset, before, left = following, offset, left - count

    def _offsets(self, place: int, first: int, count: int) -> "array[int]":
        """Of an array, without what was not written yet or is cut off."""
        data = self._read(place + first * self._width, count * self._width)
        return array("Q", filter(None, numbers(self._width, data)))

    def fields(self, entry: int) -> dict[bytes, bytes]:
        """Names and values of an entry; of a name that occurs twice one."""
        most = ENTRY_ITEMS + 16 * MAX_ITEMS
        items = self._object(entry, TYPE_ENTRY, most)[ENTRY_ITEMS:]
        offsets = numbers(self._width, items)
        found = {}
        for offset in offsets if self._width == COMPACT_WIDTH else offsets[::2]:
            text = self._kept.get(offset) or self._value(offset)
            name, _, value = text.partition(b"=")
            found[name] = value
        return found

    def _value(self, offset: int) -> bytes:
        """The text of a data object; short ones are in many entries."""
        text = self._text(self._data(offset))
        if len(self._kept) >= MAX_KEPT:
            self._kept.clear()
        if len(text) <= SHORT:
            self._kept[offset] = text
        return text

    def _data(self, offset: int) -> Data:
        whole = self._object(offset, TYPE_DATA, self._payload + MAX_TEXT)
        if len(whole) < self._payload:
            raise JournalError(f"no data object at {offset}")
        return Data._make((*DATA.unpack_from(whole), whole[self._payload :]))

    def _text(self, data: Data) -> bytes:
        """The payload, of one that is too long its beginning."""
        if data.flags & OBJECT_ZSTD:
            return unpacked_zstd(data.payload, self._unzstd)
        if data.flags & OBJECT_LZ4:
            return unpacked_lz4(data.payload[8:], MAX_TEXT)
        return unpacked_xz(data.payload) if data.flags & OBJECT_XZ else data.payload

    def _object(self, offset: int, kind: int, most: int) -> bytes:
        """An object, at most so many bytes of it; it must be of this kind."""
        data = self._read(offset, min(most, USUAL))
        if len(data) < OBJECT.size:
            raise JournalError(CUT_OFF)
        found, size = OBJECT.unpack_from(data)
        if found != kind or size < ARRAY.size:
            raise JournalError(f"no object of kind {kind} at {offset}")
        size = min(size, most)
        return data[:size] if size <= len(data) else self._bytes(offset, size)

    def _bytes(self, offset: int, size: int) -> bytes:
        data = self._read(offset, size)
        if len(data) < size:
            raise JournalError(CUT_OFF)
        return data


def numbers(width: int, data: bytes) -> "array[int]":
    """Little-endian numbers of 4 or 8 bytes; a part of one at the end does not count."""
    found = array("I" if width == COMPACT_WIDTH else "Q", data[: len(data) // width * width])
    if sys.byteorder == "big":
        found.byteswap()
    return found


def unpacked_zstd(data: bytes, unzstd: Unpack) -> bytes:
    """The beginning of what zstd compressed."""
    try:
        return unzstd(data)[:MAX_TEXT]
    except OSError as error:
        raise JournalError(error.strerror or str(error)) from error


def unpacked_xz(data: bytes) -> bytes:
    """The beginning of what xz compressed."""
    try:
        return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=64 << 20).decompress(data, MAX_TEXT)
    except (lzma.LZMAError, EOFError) as error:
        raise JournalError(f"damaged data of xz: {error}") from error
