"""The seam between the readers: the few tables an object is read from, whatever its flavour."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple, Protocol

PT_LOAD, PT_DYNAMIC, PT_INTERP, PT_NOTE, PT_TLS = 1, 2, 3, 4, 7
PT_GNU_STACK = 0x6474E551

Symbol = tuple[int, int, int, int, int]
"""st_name, st_info, st_other, st_shndx, st_value."""


class Data(Protocol):
    """The bytes of one file: bytes, memoryview or mmap."""

    def __len__(self) -> int: ...

    def __getitem__(self, index: slice, /) -> Any: ...

    def __buffer__(self, flags: int, /) -> memoryview: ...


class Header(NamedTuple):
    """What the ELF header says besides where the program headers are."""

    elf_class: int
    little_endian: bool
    machine: int
    flags: int
    type: int


class Segment(NamedTuple):
    """One program header."""

    type: int
    flags: int
    offset: int
    vaddr: int
    filesz: int
    memsz: int
    align: int


class Decoder(Protocol):
    """Decodes tables at file offsets whose extent the caller has checked against the file."""

    header: Header
    segments: tuple[Segment, ...]
    dynamic_size: int
    """Bytes of one Elf_Dyn; the next two likewise."""

    symbol_size: int
    rel_size: int
    rela_size: int
    hash_word_size: int
    """Bytes of one DT_HASH word."""

    type_bits: int
    """What `relocations` yields is the symbol index << type_bits | type."""

    def dynamic(self, offset: int, count: int) -> Iterable[tuple[int, int]]:
        """d_tag and d_val of `count` entries."""
        ...

    def halves(self, offset: int, count: int) -> Sequence[int]:
        """`count` Elf_Half."""
        ...

    def words(self, offset: int, count: int) -> Sequence[int]:
        """`count` Elf_Word."""
        ...

    def hash_words(self, offset: int, count: int) -> Sequence[int]:
        """`count` words of DT_HASH."""
        ...

    def symbols(self, offset: int, indexes: Sequence[int]) -> Iterable[Symbol]:
        """The entries `indexes` of the symbol table at `offset`."""
        ...

    def relocations(self, offset: int, count: int, size: int) -> Iterable[int]:
        """Symbol index and type of `count` entries of `size` bytes (rel_size or rela_size)."""
        ...
