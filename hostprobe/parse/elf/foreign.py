"""The slow reader: any flavour, decoded by pyelftools; for those that the gABI's do not fit."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from elftools.common.utils import struct_parse
from elftools.elf import enums
from elftools.elf.elffile import ELFFile

from hostprobe.parse.elf.decoder import Data, Header, Segment, Symbol
from hostprobe.parse.elf.limits import MAX_FOREIGN_READS, MAX_SEGMENTS
from hostprobe.parse.elf.machines import hash_word_size
from hostprobe.parse.error import ParseError

SEEK_CUR, SEEK_END = 1, 2
SEGMENT_TYPES = {
    **enums.ENUM_P_TYPE_BASE,
    **enums.ENUM_P_TYPE_ARM,
    **enums.ENUM_P_TYPE_AARCH64,
    **enums.ENUM_P_TYPE_MIPS,
    **enums.ENUM_P_TYPE_RISCV,
}


class MeteredStream:
    """The part of a binary file that pyelftools uses, over bytes, with a limit on reads."""

    def __init__(self, data: Data) -> None:
        self._data = data
        self._position = 0
        self._reads_left = MAX_FOREIGN_READS

    def read(self, size: int = -1) -> bytes:
        """Up to `size` bytes; all that is left if it is negative."""
        self._reads_left -= 1
        if self._reads_left < 0:
            raise ParseError(f"its tables take more than the limit of {MAX_FOREIGN_READS} reads")
        end = len(self._data) if size < 0 else self._position + size
        text = bytes(self._data[self._position : end])
        self._position += len(text)
        return text

    def seek(self, offset: int, whence: int = 0) -> int:
        """As of io.IOBase."""
        base = {SEEK_CUR: self._position, SEEK_END: len(self._data)}.get(whence, 0)
        self._position = base + offset
        return self._position

    def tell(self) -> int:
        """The position."""
        return self._position


def number(value: int | str, names: Mapping[str, int]) -> int:
    """Take back the name that pyelftools gives to a number it knows."""
    return names[value] if isinstance(value, str) else value


class Foreign:
    """Decoder of any ELF flavour; section headers are never looked at."""

    type_bits = 32

    def __init__(self, data: Data) -> None:
        stream: Any = MeteredStream(data)
        file = ELFFile(stream)
        self._stream = stream
        head, self._structs = file.header, file.structs
        self.header = Header(
            file.elfclass,
            file.little_endian,
            number(head["e_machine"], enums.ENUM_E_MACHINE),
            head["e_flags"],
            number(head["e_type"], enums.ENUM_E_TYPE),
        )
        self.dynamic_size = self._structs.Elf_Dyn.sizeof()
        self.symbol_size = self._structs.Elf_Sym.sizeof()
        self.rel_size = self._structs.Elf_Rel.sizeof()
        self.rela_size = self._structs.Elf_Rela.sizeof()
        self.hash_word_size = hash_word_size(self.header.machine, self.header.elf_class)
        self.segments = tuple(self._segments(head))

    def _segments(self, head: Any) -> Iterator[Segment]:
        if head["e_phnum"] > MAX_SEGMENTS:
            raise ParseError(f"{head['e_phnum']} program headers, the limit is {MAX_SEGMENTS}")
        if head["e_phnum"] and head["e_phentsize"] != self._structs.Elf_Phdr.sizeof():
            raise ParseError(f"e_phentsize is {head['e_phentsize']}")
        count, size = head["e_phnum"], self._structs.Elf_Phdr.sizeof()
        for entry in self._array(self._structs.Elf_Phdr, head["e_phoff"], count, size):
            fields = ("p_flags", "p_offset", "p_vaddr", "p_filesz", "p_memsz", "p_align")
            kind = number(entry["p_type"], SEGMENT_TYPES)
            yield Segment(kind, *(entry[field] for field in fields))

    def _array(self, struct: Any, offset: int, count: int, size: int) -> Iterator[Any]:
        for index in range(count):
            yield struct_parse(struct, self._stream, offset + index * size)

    def dynamic(self, offset: int, count: int) -> Iterator[tuple[int, int]]:
        """See Decoder."""
        for entry in self._array(self._structs.Elf_Dyn, offset, count, self.dynamic_size):
            yield number(entry["d_tag"], enums.ENUM_D_TAG), entry["d_val"]

    def halves(self, offset: int, count: int) -> Sequence[int]:
        """See Decoder."""
        return tuple(self._array(self._structs.Elf_half(""), offset, count, 2))

    def words(self, offset: int, count: int) -> Sequence[int]:
        """See Decoder."""
        return tuple(self._array(self._structs.Elf_word(""), offset, count, 4))

    def hash_words(self, offset: int, count: int) -> Sequence[int]:
        """See Decoder."""
        size = self.hash_word_size
        word = self._structs.Elf_word64 if size == 8 else self._structs.Elf_word
        return tuple(self._array(word(""), offset, count, size))

    def symbols(self, offset: int, indexes: Sequence[int]) -> Iterator[Symbol]:
        """See Decoder."""
        for index in indexes:
            at = offset + index * self.symbol_size
            yield symbol(struct_parse(self._structs.Elf_Sym, self._stream, at))

    def relocations(self, offset: int, count: int, size: int) -> Iterator[int]:
        """See Decoder."""
        struct = self._structs.Elf_Rel if size == self.rel_size else self._structs.Elf_Rela
        for entry in self._array(struct, offset, count, size):
            yield entry["r_info_sym"] << self.type_bits | entry["r_info_type"]


def symbol(entry: Any) -> Symbol:
    """Put st_info and st_other together again."""
    info, other = entry["st_info"], entry["st_other"]
    bind = number(info["bind"], enums.ENUM_ST_INFO_BIND)
    kind = number(info["type"], enums.ENUM_ST_INFO_TYPE)
    visibility = number(other["visibility"], enums.ENUM_ST_VISIBILITY)
    section = number(entry["st_shndx"], enums.ENUM_ST_SHNDX)
    return entry["st_name"], bind << 4 | kind, visibility, section, entry["st_value"]
