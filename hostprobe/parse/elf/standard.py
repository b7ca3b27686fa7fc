"""The reader of ELF as the gABI lays it out, either class and byte order, in bulk with struct."""

from collections.abc import Iterable, Sequence
from itertools import repeat
from struct import error, unpack_from
from typing import Any

from hostprobe.parse.elf.decoder import Data, Header, Segment, Symbol
from hostprobe.parse.elf.layouts import Layout, layout_of, segments, symbols
from hostprobe.parse.elf.limits import MAX_SEGMENTS
from hostprobe.parse.elf.machines import EM_MIPS, hash_word_size
from hostprobe.parse.error import ParseError


def is_standard(data: Data) -> bool:
    """Whether r_info is as in the gABI: ELF64 of MIPS has five fields in it."""
    head = bytes(data[:20])
    machine = int.from_bytes(head[18:20], "big" if head[5:6] == b"\2" else "little")
    return head[4:5] != b"\2" or machine != EM_MIPS


class Standard:
    """Decoder of both classes in both byte orders; `data` may be bytes, memoryview or mmap."""

    def __init__(self, data: Data) -> None:
        layout = layout_of(bytes(data[:16]))
        if layout is None:
            raise ParseError(f"e_ident is {bytes(data[4:7]).hex(' ')}: no known class, byte order")
        self._data, self._layout, self._order = data, layout, layout.order
        try:
            kind, machine, offset, flags, size, count = layout.header.unpack_from(data)
        except error as problem:
            raise ParseError(f"the ELF header is truncated at {len(data)} bytes") from problem
        self.header = Header(layout.bits, layout.order == "<", machine, flags, kind)
        self.type_bits = layout.type_bits
        self.dynamic_size, self.symbol_size = layout.dynamic.size, layout.symbol.size
        self.rel_size, self.rela_size = 2 * layout.address_size, 3 * layout.address_size
        self.hash_word_size = hash_word_size(machine, layout.bits)
        if count and size != layout.segment.size:
            raise ParseError(f"e_phentsize is {size}, not {layout.segment.size}")
        self.segments = self._segments(layout, offset, count)

    def _segments(self, layout: Layout, offset: int, count: int) -> tuple[Segment, ...]:
        end = offset + count * layout.segment.size
        if count > MAX_SEGMENTS:
            raise ParseError(f"{count} program headers are more than the limit of {MAX_SEGMENTS}")
        if end > len(self._data):
            raise ParseError(f"the program headers end at {end}, the file at {len(self._data)}")
        return segments(layout, self._data[offset:end])

    def dynamic(self, offset: int, count: int) -> Iterable[tuple[int, int]]:
        """See Decoder."""
        return self._layout.dynamic.iter_unpack(
            self._data[offset : offset + count * self.dynamic_size]
        )

    def halves(self, offset: int, count: int) -> Sequence[int]:
        """See Decoder."""
        return unpack_from(f"{self._order}{count}H", self._data, offset)

    def words(self, offset: int, count: int) -> Sequence[int]:
        """See Decoder."""
        return unpack_from(f"{self._order}{count}I", self._data, offset)

    def hash_words(self, offset: int, count: int) -> Sequence[int]:
        """See Decoder."""
        code = "Q" if self.hash_word_size == 8 else "I"
        return unpack_from(f"{self._order}{count}{code}", self._data, offset)

    def symbols(self, offset: int, indexes: Sequence[int]) -> Iterable[Symbol]:
        """See Decoder."""
        size, struct = self.symbol_size, self._layout.symbol
        rows: Iterable[Any]
        if isinstance(indexes, range):
            table = self._data[offset + indexes.start * size : offset + indexes.stop * size]
            rows = struct.iter_unpack(table)
        else:
            offsets = [offset + size * index for index in indexes]
            rows = map(struct.unpack_from, repeat(self._data), offsets)
        return symbols(self._layout, rows)

    def relocations(self, offset: int, count: int, size: int) -> Iterable[int]:
        """See Decoder."""
        fields = size // self._layout.address_size
        code = f"{self._order}{count * fields}{self._layout.address}"
        return unpack_from(code, self._data, offset)[1::fields]
