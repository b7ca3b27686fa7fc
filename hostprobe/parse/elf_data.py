"""An ELF object's data by virtual addresses: texts, integers, pointers as relocations make them."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from hostprobe.parse.error import ParseError

PT_LOAD, PT_DYNAMIC = 1, 2
DT_STRTAB, DT_SYMTAB, DT_RELA, DT_RELASZ, DT_STRSZ = 5, 6, 7, 8, 10
LONGEST_NAME = 200


class Header(NamedTuple):
    """One program header."""

    kind: int
    """PT_*."""

    flags: int
    """PF_*."""

    address: int
    offset: int
    size: int
    """Bytes in the file."""

    memory: int
    """Bytes in memory: what is more than in the file is zero."""


@dataclass(frozen=True, slots=True)
class Image:
    """An ELF object by virtual addresses."""

    data: bytes
    order: str
    """`struct` prefix of the byte order."""

    word: int
    """Bytes of a pointer: 4 or 8."""

    segments: tuple[Header, ...]
    """Every PT_LOAD."""

    tags: dict[int, int]
    """Dynamic section."""

    relocations: bytes
    """The DT_RELA table; empty where addends are in place."""

    @classmethod
    def of(cls, data: bytes) -> "Image":
        """Read the program headers and the dynamic section."""
        if data[:4] != b"\x7fELF" or data[4:5] not in b"\1\2" or data[5:6] not in b"\1\2":
            raise ParseError("not an ELF object")
        word, order = (8 if data[4] == 2 else 4), ("<" if data[5] == 1 else ">")
        headers = list(program_headers(data, order, word))
        segments = tuple(header for header in headers if header.kind == PT_LOAD)
        tags: dict[int, int] = {}
        for header in headers:
            if header.kind == PT_DYNAMIC:
                table = data[header.offset : header.offset + header.size]
                pairs = order + ("QQ" if word == 8 else "II")
                tags = dict(struct.iter_unpack(pairs, table[: len(table) // (2 * word) * 2 * word]))
        image = cls(data, order, word, segments, tags, b"")
        start = image.offset(tags.get(DT_RELA, -1))
        relocations = b"" if start is None else data[start : start + tags.get(DT_RELASZ, 0)]
        return cls(data, order, word, segments, tags, relocations)

    def offset(self, address: int) -> int | None:
        """Where in the file `address` is; None when it is not from the file."""
        for segment in self.segments:
            if segment.address <= address < segment.address + segment.size:
                return address - segment.address + segment.offset
        return None

    def is_mapped(self, address: int) -> bool:
        """Whether there is memory at the address, from the file or zero."""
        return any(0 <= address - one.address < one.memory for one in self.segments)

    def end(self, offset: int) -> int:
        """Where the segment that holds the file offset ends in the file."""
        for segment in self.segments:
            if segment.offset <= offset < segment.offset + segment.size:
                return segment.offset + segment.size
        return offset

    def integer(self, address: int, size: int) -> int:
        """An unsigned integer of the file; 0 outside of it."""
        offset = self.offset(address)
        if offset is None or offset + size > len(self.data):
            return 0
        return int.from_bytes(
            self.data[offset : offset + size], "little" if self.order == "<" else "big"
        )

    def pointer(self, address: int) -> int:
        """What the pointer at `address` holds after relocation, load address 0."""
        entry, wanted = 3 * self.word, struct.pack(self.order + self.code, address)
        position = self.relocations.find(wanted)
        while position % entry and position >= 0:
            position = self.relocations.find(wanted, position + 1)
        if position < 0:
            return self.integer(address, self.word)
        _, info, addend = struct.unpack_from(self.order + 3 * self.code, self.relocations, position)
        symbol: int = info >> (32 if self.word == 8 else 8)
        return int(addend) + (self.symbol(symbol)[1] if symbol else 0)

    @property
    def code(self) -> str:
        """`struct` letter of a pointer."""
        return "Q" if self.word == 8 else "I"

    def symbol(self, index: int) -> tuple[str, int]:
        """Name and value of a dynamic symbol; value 0 when it is undefined."""
        size = 24 if self.word == 8 else 16
        entry = self.tags.get(DT_SYMTAB, 0) + index * size
        value = self.integer(entry + (8 if self.word == 8 else 4), self.word)
        section = self.integer(entry + (6 if self.word == 8 else 14), 2)
        return self.text(self.tags.get(DT_STRTAB, 0) + self.integer(entry, 4)), value * bool(
            section
        )

    def text(self, address: int) -> str:
        """A C string; cut after 200 bytes."""
        offset = self.offset(address)
        if offset is None or not address:
            return ""
        piece = self.data[offset : offset + LONGEST_NAME].partition(b"\0")[0]
        return piece.decode("utf-8", "surrogateescape")


def program_headers(data: bytes, order: str, word: int) -> Iterator[Header]:
    """Every program header; struct.error where they are not there."""
    at = ("Q", 32, 54) if word == 8 else ("I", 28, 42)
    start = struct.unpack_from(order + at[0], data, at[1])[0]
    size, count = struct.unpack_from(order + "HH", data, at[2])
    for index in range(count):
        place = start + index * size
        if word == 8:
            kind, flags, offset, address, _, length, memory = struct.unpack_from(
                order + "IIQQQQQ", data, place
            )
        else:
            kind, offset, address, _, length, memory, flags = struct.unpack_from(
                order + "IIIIIII", data, place
            )
        yield Header(kind, flags, address, offset, length, memory)
