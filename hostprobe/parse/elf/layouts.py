"""How ELF32 and ELF64 lay out their structures in both byte orders (gABI chapters 4 and 5)."""

from collections.abc import Callable, Iterable
from operator import itemgetter
from struct import Struct
from typing import Any, NamedTuple

from hostprobe.parse.elf.decoder import Segment, Symbol

Reorder = Callable[[Any], Any]

BYTE_ORDERS = {1: "<", 2: ">"}
"""EI_DATA -> the mark of `struct`."""


class Layout(NamedTuple):
    """The structures of one class in one byte order, without the fields that nobody needs."""

    bits: int
    order: str
    """`<` or `>`."""

    address: str
    """Code of `struct` for Elf_Addr, Elf_Off and r_info."""

    type_bits: int
    """r_info is the symbol index << type_bits | type."""

    header: Struct
    """e_type, e_machine, e_phoff, e_flags, e_phentsize, e_phnum."""

    segment: Struct
    segment_fields: Reorder | None
    """Takes the fields of ELF32 into ELF64's order; None where they are in it. Also below."""

    dynamic: Struct
    """d_tag, d_val."""

    symbol: Struct
    symbol_fields: Reorder | None

    @property
    def address_size(self) -> int:
        """Bytes."""
        return self.bits // 8


def elf32(order: str) -> Layout:
    """ELFCLASS32: flags stand late in a program header, the value early in a symbol."""
    return Layout(
        bits=32,
        order=order,
        address="I",
        type_bits=8,
        header=Struct(f"{order}16xHH8xI4xI2xHH6x"),
        segment=Struct(f"{order}III4xIIII"),
        segment_fields=itemgetter(0, 5, 1, 2, 3, 4, 6),
        dynamic=Struct(f"{order}II"),
        symbol=Struct(f"{order}II4xBBH"),
        symbol_fields=itemgetter(0, 2, 3, 4, 1),
    )


def elf64(order: str) -> Layout:
    """ELFCLASS64."""
    return Layout(
        bits=64,
        order=order,
        address="Q",
        type_bits=32,
        header=Struct(f"{order}16xHH12xQ8xI2xHH6x"),
        segment=Struct(f"{order}IIQQ8xQQQ"),
        segment_fields=None,
        dynamic=Struct(f"{order}QQ"),
        symbol=Struct(f"{order}IBBHQ8x"),
        symbol_fields=None,
    )


LAYOUTS = {
    (kind, data): make(order)
    for kind, make in ((1, elf32), (2, elf64))
    for data, order in BYTE_ORDERS.items()
}
"""(EI_CLASS, EI_DATA) -> layout."""


def layout_of(identity: bytes) -> Layout | None:
    """The layout that e_ident announces; None for what no ld.so would take."""
    if len(identity) < 7 or identity[:4] != b"\x7fELF" or identity[6] != 1:
        return None
    return LAYOUTS.get((identity[4], identity[5]))


def segments(layout: Layout, table: Any) -> tuple[Segment, ...]:
    """The program headers in a whole number of entries."""
    rows = layout.segment.iter_unpack(table)
    return tuple(map(Segment._make, reordered(rows, layout.segment_fields)))


def symbols(layout: Layout, rows: Iterable[Any]) -> Iterable[Symbol]:
    """What the struct of a symbol unpacks."""
    return reordered(rows, layout.symbol_fields)


def reordered(rows: Iterable[Any], fields: Reorder | None) -> Iterable[Any]:
    """Rows with their fields in the order of ELF64."""
    return rows if fields is None else map(fields, rows)
