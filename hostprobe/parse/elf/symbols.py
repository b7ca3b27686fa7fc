"""Definitions: what a look-up by name can find in the object."""

from collections.abc import Iterable, Sequence
from itertools import repeat

from hostprobe.facts.elf import (
    STB_GLOBAL,
    STB_GNU_UNIQUE,
    STB_WEAK,
    STT_COMMON,
    STT_FUNC,
    STT_GNU_IFUNC,
    STT_NOTYPE,
    STT_OBJECT,
    STT_TLS,
    Definition,
)
from hostprobe.parse.elf.decoder import Symbol
from hostprobe.parse.elf.hashes import check_symbols
from hostprobe.parse.elf.image import Dynamic, Image
from hostprobe.parse.elf.limits import MAX_SAME_NAME
from hostprobe.parse.elf.versions import DT_VERSYM
from hostprobe.parse.error import ParseError

DT_SYMTAB, DT_SYMENT = 6, 11
TABLES = {DT_SYMTAB: "the symbol table", DT_VERSYM: "DT_VERSYM"}
VER_NDX_GLOBAL = 1
SHN_UNDEF, SHN_ABS = 0, 0xFFF1
BINDS = {STB_GLOBAL, STB_WEAK, STB_GNU_UNIQUE}
TYPES = {STT_NOTYPE, STT_OBJECT, STT_FUNC, STT_COMMON, STT_TLS, STT_GNU_IFUNC}
Definitions = tuple[Definition, ...]


class Shapes(dict[int, Definitions]):
    """The few different definitions that the many symbols of an object share.

    The key packs st_info, st_other, whether st_shndx is SHN_UNDEF, and the versym entry, so that
    the loop over the symbols makes no object per symbol.
    """

    def __missing__(self, key: int) -> Definitions:
        bind, kind = key >> 4 & 15, key & 15
        shape: Definitions = ()
        if bind in BINDS and kind in TYPES:
            shape = (Definition(bind, kind, key >> 8 & 3, bool(key >> 16 & 1), key >> 17),)
        self[key] = shape
        return shape


class SymbolTable:
    """DT_SYMTAB and DT_VERSYM, `count` entries of each."""

    def __init__(self, image: Image, dynamic: Dynamic, count: int) -> None:
        check_symbols(count)
        self.names = dynamic.strings
        self.versyms: Sequence[int] | None = None
        self._decoder = image.decoder
        size = self._decoder.symbol_size
        if count and dynamic.tags.get(DT_SYMENT, size) != size:
            raise ParseError(f"DT_SYMENT is {dynamic.tags[DT_SYMENT]}, not {size}")
        self._offset = self._locate(image, dynamic, DT_SYMTAB, count * size) if count else 0
        if DT_VERSYM in dynamic.tags:
            offset = self._locate(image, dynamic, DT_VERSYM, count * 2) if count else 0
            self.versyms = self._decoder.halves(offset, count)

    @staticmethod
    def _locate(image: Image, dynamic: Dynamic, tag: int, size: int) -> int:
        if tag not in dynamic.tags:
            raise ParseError("there are symbols to read but no DT_SYMTAB")
        return image.locate(dynamic.tags[tag], size, TABLES[tag])

    def entries(self, indexes: Sequence[int]) -> Iterable[Symbol]:
        """The symbols with these indexes, all below the count."""
        return self._decoder.symbols(self._offset, indexes) if indexes else ()


def parse_definitions(table: SymbolTable, reachable: Sequence[int]) -> dict[bytes, Definitions]:
    """Name -> definitions among the symbols that the hash table reaches, in its order.

    A symbol counts with a value, or as SHN_ABS, or as STT_TLS (gABI chapter 5, symbol versioning of
    the LSB; the same test as ld.so's own look-up).
    """
    definitions: dict[bytes, Definitions] = {}
    names, shapes = table.names, Shapes()
    versyms = versyms_of(table, reachable)
    for (name, info, other, section, value), versym in zip(
        table.entries(reachable), versyms, strict=False
    ):
        if value or section == SHN_ABS or info & 15 == STT_TLS:
            shape = shapes[info | other << 8 | (section == SHN_UNDEF) << 16 | versym << 17]
            if shape:
                text = names[name]
                definitions[text] = join(definitions[text], shape) if text in definitions else shape
    return definitions


def versyms_of(table: SymbolTable, indexes: Sequence[int]) -> Iterable[int]:
    """The versym entries in step with `indexes`; VER_NDX_GLOBAL where there are none."""
    if table.versyms is None:
        return repeat(VER_NDX_GLOBAL)
    if isinstance(indexes, range):
        return table.versyms[indexes.start : indexes.stop]
    return map(table.versyms.__getitem__, indexes)


def join(first: Definitions, second: Definitions) -> Definitions:
    """Several definitions of one name, with a cap because each joining copies."""
    if len(first) >= MAX_SAME_NAME:
        raise ParseError(f"one name has more than the limit of {MAX_SAME_NAME} definitions")
    return first + second
