"""A file of journald through its indexes (systemd's JOURNAL_FILE_FORMAT), regular and compact.

Data objects ("FIELD=value", each once) are found by hash, and know their entries; an entry is a
list of its data objects. Everything is asked by offset, so that only what is looked at is read.
"""

import lzma
import sys
from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterator
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
OBJECT = Struct("<BB6xQ")
DATA = Struct("<BB6xQQQ8xQQQ")
NEXT = Struct("<Q")
TYPE_DATA, TYPE_ENTRY, TYPE_ARRAY = 1, 3, 6
ENTRY_ITEMS, ARRAY_ITEMS = 64, 24

MAX_CHAIN = 10_000
"""Objects with one hash; journald begins a new file at 100."""

MAX_ARRAYS = 4_096
"""In one chain; each is twice as long as the one before."""

MAX_ITEMS = 1_024
"""Fields of an entry, as in journald (ENTRY_FIELD_COUNT_MAX)."""

MAX_TEXT = 64 << 10
"""Bytes that are read of one value; an audit record has at most 8970."""

MAX_KEPT = 4_096

Read = Callable[[int, int], bytes]
"""Offset and size -> the bytes there, fewer at the end of the file."""

Unpack = Callable[[bytes], bytes]
"""A frame of zstd -> its content; OSError where it cannot be had."""


class JournalError(ParseError):
    """A part of a journal is damaged, cut off or of an unknown kind."""


class Data(NamedTuple):
    """One data object without its payload; offsets are 0 where there is nothing."""

    offset: int
    flags: int
    size: int
    hash: int
    next: int
    """The next one in the chain of its hash."""

    entry: int
    """The first entry that it is in."""

    array: int
    """The others."""

    total: int
    """How many entries."""


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
        self._item = "I" if flags & COMPACT else "Q"
        self._hash = (lambda text: siphash24(key, text)) if flags & KEYED else lookup3
        self._kept: dict[int, bytes] = {}

    def find(self, text: bytes) -> Data | None:
        """The data object "FIELD=value"; None where no entry has it."""
        if not self._buckets:
            return None
        wanted = self._hash(text)
        offset = self._number(self._table + wanted % self._buckets * 16)
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
        wanted, found = min(most, data.total), array("Q")
        for offset, count in reversed(list(self._arrays(data))):
            taken = min(count, wanted - len(found))
            found = self._offsets(offset, count - taken, taken) + found
        if len(found) < wanted and data.entry:
            found.insert(0, data.entry)
        if len(found) < wanted:
            self.damaged += 1
        return found[: bisect_right(found, self._last)]

    def _arrays(self, data: Data) -> Iterator[tuple[int, int]]:
        """Offset and number of entries of each array in the chain, as far as it can be read."""
        offset, left = data.array, data.total - 1
        for _ in range(MAX_ARRAYS):
            if not offset or left <= 0:
                return
            try:
                size = self._object(offset, TYPE_ARRAY)
                following = self._number(offset + OBJECT.size)
            except JournalError:
                return
            count = min(left, (size - ARRAY_ITEMS) // array(self._item).itemsize)
            yield offset, count
            offset, left = following, left - count

    def _offsets(self, offset: int, first: int, count: int) -> "array[int]":
        """Of an array, without what was not written yet or is cut off."""
        width = array(self._item).itemsize
        data = self._read(offset + ARRAY_ITEMS + first * width, count * width)
        return array("Q", filter(None, numbers(self._item, data[: len(data) // width * width])))

    def fields(self, entry: int) -> dict[bytes, bytes]:
        """Names and values of an entry; of a name that occurs twice one."""
        size = self._object(entry, TYPE_ENTRY)
        if size > ENTRY_ITEMS + 16 * MAX_ITEMS:
            raise JournalError("an entry with too many fields")
        width = 4 if self._item == "I" else 16
        items = self._bytes(entry + ENTRY_ITEMS, (size - ENTRY_ITEMS) // width * width)
        offsets = numbers(self._item, items)[:: 1 if self._item == "I" else 2]
        found = {}
        for offset in offsets:
            name, _, value = self._known(offset).partition(b"=")
            found[name] = value
        return found

    def _known(self, offset: int) -> bytes:
        """The text of a data object; most are in many entries."""
        text = self._kept.get(offset)
        if text is None:
            text = self._text(self._data(offset))
            if len(self._kept) >= MAX_KEPT:
                self._kept.clear()
            if len(text) <= 128:
                self._kept[offset] = text
        return text

    def _data(self, offset: int) -> Data:
        kind, *rest = DATA.unpack(self._bytes(offset, DATA.size))
        data = Data(offset, *rest)
        if kind != TYPE_DATA or data.size < self._payload:
            raise JournalError(f"no data object at {offset}")
        return data

    def _text(self, data: Data) -> bytes:
        """The payload, of one that is too long its beginning."""
        size = min(data.size - self._payload, MAX_TEXT)
        payload = self._bytes(data.offset + self._payload, size)
        if data.flags & OBJECT_ZSTD:
            return unpacked_zstd(payload, self._unzstd)
        if data.flags & OBJECT_LZ4:
            return unpacked_lz4(payload[8:], MAX_TEXT)
        return unpacked_xz(payload) if data.flags & OBJECT_XZ else payload

    def _object(self, offset: int, kind: int) -> int:
        """The size of an object that must be of this kind."""
        found, _, size = OBJECT.unpack(self._bytes(offset, OBJECT.size))
        if found != kind or size < ARRAY_ITEMS:
            raise JournalError(f"no object of kind {kind} at {offset}")
        return int(size)

    def _number(self, offset: int) -> int:
        (number,) = NEXT.unpack(self._bytes(offset, NEXT.size))
        return int(number)

    def _bytes(self, offset: int, size: int) -> bytes:
        data = self._read(offset, size)
        if len(data) < size:
            raise JournalError("it is cut off")
        return data


def numbers(item: str, data: bytes) -> "array[int]":
    """Little-endian numbers of 4 ("I") or 8 ("Q") bytes."""
    found = array(item, data)
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
