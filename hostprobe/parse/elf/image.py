"""Where things are: addresses to file offsets through PT_LOAD, tags of PT_DYNAMIC, strings."""

from bisect import bisect_right
from collections.abc import Iterator
from itertools import accumulate, repeat
from operator import add
from typing import NamedTuple

from hostprobe.parse.elf.decoder import PT_DYNAMIC, PT_LOAD, Data, Decoder, Segment
from hostprobe.parse.elf.limits import (
    MAX_DYNAMIC_ENTRIES,
    MAX_STRING_TABLE,
    MAX_STRINGS,
    MAX_SUFFIX_BYTES,
)
from hostprobe.parse.error import ParseError

DT_NULL, DT_NEEDED, DT_STRTAB, DT_STRSZ = 0, 1, 5, 10


class Extent(NamedTuple):
    """Bytes of the file from `offset` to the end of the segment's part in the file."""

    offset: int
    size: int


class Image:
    """One file, addressed as the dynamic linker addresses it once it is mapped."""

    def __init__(self, data: Data, decoder: Decoder) -> None:
        self.data = data
        self.decoder = decoder
        self._loads = [segment for segment in decoder.segments if segment.type == PT_LOAD]
        for load in self._loads:
            if load.offset + load.filesz > len(data):
                raise ParseError(
                    f"the file is truncated: a segment ends at {load.offset + load.filesz}, "
                    f"the file at {len(data)}"
                )

    def segment(self, kind: int) -> Segment | None:
        """The last program header of a type, as the kernel and ld.so take it."""
        found = None
        for segment in self.decoder.segments:
            if segment.type == kind:
                found = segment
        return found

    def extent(self, address: int, what: str) -> Extent:
        """The file bytes from `address` on."""
        for load in self._loads:
            if 0 <= address - load.vaddr < load.filesz:
                skipped = address - load.vaddr
                return Extent(load.offset + skipped, load.filesz - skipped)
        raise ParseError(f"{what} at {address:#x} is in no segment of the file")

    def locate(self, address: int, size: int, what: str) -> int:
        """File offset of `size` bytes at `address`."""
        offset, available = self.extent(address, what)
        if size > available:
            raise ParseError(f"{what} at {address:#x} needs {size} bytes, {available} are there")
        return offset


class Dynamic:
    """PT_DYNAMIC: the last value of each tag as in ld.so, and the tags that may repeat in order."""

    def __init__(self, image: Image) -> None:
        segment = image.segment(PT_DYNAMIC)
        self.exists = segment is not None
        self.entries = list(dynamic_entries(image, segment)) if segment else []
        self.tags = dict(self.entries)
        self.strings = strings(image, self.tags)

    def every(self, *tags: int) -> tuple[bytes, ...]:
        """The strings of all entries with one of these tags, in file order."""
        return tuple(self.strings[value] for tag, value in self.entries if tag in tags)

    def string(self, tag: int) -> bytes | None:
        """The string that a tag names."""
        return self.strings[self.tags[tag]] if tag in self.tags else None


def dynamic_entries(image: Image, segment: Segment) -> Iterator[tuple[int, int]]:
    """Entries up to DT_NULL."""
    size = image.decoder.dynamic_size
    count = segment.memsz // size
    if count > MAX_DYNAMIC_ENTRIES:
        raise ParseError(
            f"{count} dynamic entries are more than the limit of {MAX_DYNAMIC_ENTRIES}"
        )
    offset = image.locate(segment.vaddr, count * size, "the dynamic section")
    for tag, value in image.decoder.dynamic(offset, count):
        if tag == DT_NULL:
            return
        yield tag, value


class StringTable(dict[int, bytes]):
    """Offset -> string of DT_STRTAB, also inside a string, where linkers merged suffixes."""

    def __init__(self, raw: bytes) -> None:
        if raw.count(0) > MAX_STRINGS:
            raise ParseError(f"the string table has more than the limit of {MAX_STRINGS} strings")
        texts = raw.split(b"\0")
        texts.pop()
        self._starts = list(accumulate(map(add, map(len, texts), repeat(1)), initial=0))
        self._suffix_bytes = 0
        super().__init__(zip(self._starts, texts, strict=False))

    def __missing__(self, offset: int) -> bytes:
        if not 0 <= offset < self._starts[-1]:
            raise ParseError(f"no string ends behind offset {offset} of the string table")
        start = self._starts[bisect_right(self._starts, offset) - 1]
        text = self[start][offset - start :]
        self._suffix_bytes += len(text)
        if self._suffix_bytes > MAX_SUFFIX_BYTES:
            raise ParseError(f"overlapping names take more than {MAX_SUFFIX_BYTES} bytes")
        self[offset] = text
        return text


def strings(image: Image, tags: dict[int, int]) -> StringTable:
    """DT_STRTAB; an empty table where there is none."""
    size = tags.get(DT_STRSZ, 0)
    if DT_STRTAB not in tags or not size:
        return StringTable(b"")
    if size > MAX_STRING_TABLE:
        raise ParseError(f"DT_STRSZ {size} is more than the limit of {MAX_STRING_TABLE}")
    offset = image.locate(tags[DT_STRTAB], size, "the string table")
    return StringTable(bytes(image.data[offset : offset + size]))
