"""What is compiled into httpd and its modules: texts and `module` structures.

A module structure (http_config.h) is found by its exported symbol and told by its magic number;
its pointers are what the relocations would store there. Nothing is run.
"""

import itertools
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass

from hostprobe.facts.httpd import HttpdBuild, ModuleStructure, ModuleStructures
from hostprobe.parse.error import ParseError

PT_LOAD, PT_DYNAMIC = 1, 2
DT_STRTAB, DT_SYMTAB, DT_RELA, DT_RELASZ, DT_STRSZ = 5, 6, 7, 8, 10
MAGIC = 0x415032
"""MODULE_MAGIC_COOKIE without its last byte: "AP2"; "AP24" is httpd 2.4."""

LONGEST_NAME = 200
MOST_DIRECTIVES = 2_000
MOST_MODULES = 500
MOST_SYMBOLS = 1 << 20
NAME = re.compile(rb"[A-Za-z_]\w*_module(?=\0)")


def parse_httpd_build(data: bytes) -> HttpdBuild:
    """Version, compiled-in defaults and static modules of an httpd binary.

    The defaults are the texts that `httpd -V` prints. Raises ParseError when it is no httpd.
    """
    version = found(rb"Apache/(\d+\.\d+\.\d+)", data)
    root = found(rb'-D HTTPD_ROOT="([^"\n\0]*)"', data)
    if version is None and root is None:
        raise ParseError("not an Apache httpd: neither its version nor HTTPD_ROOT is in it")
    return HttpdBuild(
        version=version,
        root=root,
        config_file=found(rb'-D SERVER_CONFIG_FILE="([^"\n\0]*)"', data),
        static_modules=tuple(module.symbol for module in parse_module_structures(data).modules),
    )


def found(pattern: bytes, data: bytes) -> str | None:
    """The first group of the first match."""
    match = re.search(pattern, data)
    return match[1].decode("utf-8", "surrogateescape") if match else None


def parse_module_structures(data: bytes) -> ModuleStructures:
    """Every `module` structure that the object exports. Raises ParseError when it is not ELF."""
    try:
        image = Image.of(data)
        modules = exported(image, is_tail=False) or exported(image, is_tail=True)
    except (struct.error, IndexError, OverflowError) as error:
        raise ParseError(f"damaged ELF object: {error}") from error
    return ModuleStructures(tuple(modules[:MOST_MODULES]))


@dataclass(frozen=True, slots=True)
class Image:
    """An ELF object by virtual addresses."""

    data: bytes
    order: str
    """`struct` prefix of the byte order."""

    word: int
    """Bytes of a pointer: 4 or 8."""

    segments: tuple[tuple[int, int, int], ...]
    """(address, file offset, bytes in the file) of every PT_LOAD."""

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
        segments = tuple(header[1:] for header in headers if header[0] == PT_LOAD)
        tags: dict[int, int] = {}
        for kind, _, offset, size in headers:
            if kind == PT_DYNAMIC:
                table = data[offset : offset + size]
                pairs = order + ("QQ" if word == 8 else "II")
                tags = dict(struct.iter_unpack(pairs, table[: len(table) // (2 * word) * 2 * word]))
        image = cls(data, order, word, segments, tags, b"")
        start = image.offset(tags.get(DT_RELA, -1))
        relocations = b"" if start is None else data[start : start + tags.get(DT_RELASZ, 0)]
        return cls(data, order, word, segments, tags, relocations)

    def offset(self, address: int) -> int | None:
        """Where in the file `address` is; None when it is not from the file."""
        for start, offset, size in self.segments:
            if start <= address < start + size:
                return address - start + offset
        return None

    def end(self, offset: int) -> int:
        """Where the segment that holds the file offset ends in the file."""
        for _, start, size in self.segments:
            if start <= offset < start + size:
                return start + size
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


def program_headers(data: bytes, order: str, word: int) -> Iterator[tuple[int, int, int, int]]:
    """(type, address, offset, bytes in the file) of every program header."""
    start = struct.unpack_from(order + ("Q" if word == 8 else "I"), data, 32 if word == 8 else 28)[
        0
    ]
    size, count = struct.unpack_from(order + "HH", data, 54 if word == 8 else 42)
    for index in range(count):
        place = start + index * size
        if word == 8:
            kind, _, offset, address, _, length = struct.unpack_from(order + "IIQQQQ", data, place)
        else:
            kind, offset, address, _, length = struct.unpack_from(order + "IIIII", data, place)
        yield kind, address, offset, length


def exported(image: Image, *, is_tail: bool) -> list[ModuleStructure]:
    """Module structures by their symbols; `is_tail`: by names that share a longer one's end."""
    symbols = module_symbols(image, is_tail=is_tail)
    structures = (module_structure(image, name, address) for name, address in symbols)
    return [structure for structure in structures if structure is not None]


def module_symbols(image: Image, *, is_tail: bool) -> list[tuple[str, int]]:
    """Name and address of dynamic symbols whose name ends in `_module`, in table order.

    Their names are searched first, and then who refers to them: no table is decoded whole.
    """
    start = image.offset(image.tags.get(DT_STRTAB, -1))
    if start is None:
        return []
    strings = image.data[start : start + image.tags.get(DT_STRSZ, 0)]
    indices = sorted(
        index
        for match in itertools.islice(NAME.finditer(strings), MOST_MODULES)
        for position in (tails(match) if is_tail else (match.start(),))
        for index in symbol_indices(image, position)
    )
    return [image.symbol(index) for index in indices]


def tails(match: re.Match[bytes]) -> range:
    """Where a shorter name could begin that shares the end of this one."""
    return range(max(match.start(), match.end() - LONGEST_NAME) + 1, match.end() - len("_module"))


def symbol_indices(image: Image, name: int) -> Iterator[int]:
    """Entries of the symbol table whose name begins at `name` in the string table.

    What follows the table is searched too; a chance hit there has no module structure.
    """
    size = 24 if image.word == 8 else 16
    table = image.offset(image.tags.get(DT_SYMTAB, -1))
    if table is None:
        return
    wanted = struct.pack(image.order + "I", name)
    end = min(image.end(table), table + MOST_SYMBOLS * size)
    position = image.data.find(wanted, table, end)
    while position >= 0:
        if (position - table) % size == 0:
            yield (position - table) // size
            return
        position = image.data.find(wanted, position + 1, end)


def module_structure(image: Image, symbol: str, address: int) -> ModuleStructure | None:
    """The structure at `address`; None when its magic number says that it is none."""
    word = image.word
    name = address + (16 if word == 8 else 12)
    if not address or image.integer(name + 3 * word, word) >> 8 != MAGIC:
        return None
    source = image.text(image.pointer(name)).rpartition("/")[2]
    return ModuleStructure(symbol, source, tuple(directives(image, image.pointer(name + 9 * word))))


def directives(image: Image, table: int) -> Iterator[str]:
    """Names in a command_rec table, which an entry without name ends."""
    for index in range(MOST_DIRECTIVES if table else 0):
        name = image.text(image.pointer(table + index * (4 * image.word + 8)))
        if not name:
            return
        yield name
