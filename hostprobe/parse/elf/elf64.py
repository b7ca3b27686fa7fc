"""The fast reader: ELF64 little-endian, decoded with struct in bulk."""

from collections.abc import Iterable, Sequence
from itertools import repeat
from struct import Struct, error, unpack_from

from hostprobe.parse.elf.decoder import Data, Header, Segment, Symbol
from hostprobe.parse.elf.limits import MAX_SEGMENTS
from hostprobe.parse.elf.machines import EM_AARCH64, EM_PPC64, EM_RISCV, EM_X86_64
from hostprobe.parse.error import ParseError

MAGIC = b"\x7fELF\x02\x01\x01"
MACHINES = {EM_X86_64, EM_AARCH64, EM_RISCV, EM_PPC64}
HEADER = Struct("<16xHH4x8xQ8xI2xHH6x")
SEGMENT = Struct("<IIQQ8xQQQ")
DYNAMIC = Struct("<QQ")
SYMBOL = Struct("<IBBHQ8x")


def is_fast(data: Data) -> bool:
    """Whether the first 20 bytes announce a flavour that this reader takes."""
    return bytes(data[:7]) == MAGIC and int.from_bytes(data[18:20], "little") in MACHINES


class Elf64:
    """Decoder of ELF64 little-endian; `data` may be bytes, memoryview or mmap."""

    dynamic_size = DYNAMIC.size
    symbol_size = SYMBOL.size
    rel_size = 16
    rela_size = 24
    hash_word_size = 4

    def __init__(self, data: Data) -> None:
        self._data = data
        try:
            kind, machine, offset, flags, size, count = HEADER.unpack_from(data)
        except error as problem:
            raise ParseError(f"the ELF header is truncated at {len(data)} bytes") from problem
        self.header = Header(64, little_endian=True, machine=machine, flags=flags, type=kind)
        if count and size != SEGMENT.size:
            raise ParseError(f"e_phentsize is {size}, not {SEGMENT.size}")
        self.segments = self._segments(offset, count)

    def _segments(self, offset: int, count: int) -> tuple[Segment, ...]:
        end = offset + count * SEGMENT.size
        if count > MAX_SEGMENTS:
            raise ParseError(f"{count} program headers are more than the limit of {MAX_SEGMENTS}")
        if end > len(self._data):
            raise ParseError(f"the program headers end at {end}, the file at {len(self._data)}")
        return tuple(map(Segment._make, SEGMENT.iter_unpack(self._data[offset:end])))

    def dynamic(self, offset: int, count: int) -> Iterable[tuple[int, int]]:
        """See Decoder."""
        return DYNAMIC.iter_unpack(self._data[offset : offset + count * DYNAMIC.size])

    def halves(self, offset: int, count: int) -> Sequence[int]:
        """See Decoder."""
        return unpack_from(f"<{count}H", self._data, offset)

    def words(self, offset: int, count: int) -> Sequence[int]:
        """See Decoder."""
        return unpack_from(f"<{count}I", self._data, offset)

    hash_words = words

    def symbols(self, offset: int, indexes: Sequence[int]) -> Iterable[Symbol]:
        """See Decoder."""
        size = SYMBOL.size
        if isinstance(indexes, range):
            table = self._data[offset + indexes.start * size : offset + indexes.stop * size]
            return SYMBOL.iter_unpack(table)
        offsets = [offset + size * index for index in indexes]
        return map(SYMBOL.unpack_from, repeat(self._data), offsets)

    def relocations(self, offset: int, count: int, size: int) -> Iterable[int]:
        """See Decoder."""
        fields = size // 8
        return unpack_from(f"<{count * fields}Q", self._data, offset)[1::fields]
