"""What is compiled into httpd and its modules: texts and `module` structures.

A module structure (http_config.h) is found by its exported symbol and told by its magic number;
its pointers are what the relocations would store there. Nothing is run.
"""

import itertools
import re
import struct
from collections.abc import Iterator

from hostprobe.facts.httpd import HttpdBuild, ModuleStructure, ModuleStructures
from hostprobe.parse.elf_data import DT_STRSZ, DT_STRTAB, DT_SYMTAB, LONGEST_NAME, Image
from hostprobe.parse.error import ParseError

MAGIC = 0x415032
"""MODULE_MAGIC_COOKIE without its last byte: "AP2"; "AP24" is httpd 2.4."""

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
