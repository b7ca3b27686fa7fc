"""ELF objects as the dynamic linker sees them, read from PT_DYNAMIC, never from sections."""

from collections.abc import Iterator

from hostprobe.facts.elf import (
    DF_1_NOW,
    DF_BIND_NOW,
    DF_SYMBOLIC,
    DF_TEXTREL,
    ET_DYN,
    ET_EXEC,
    Elf,
    Filter,
)
from hostprobe.parse.elf.decoder import Data
from hostprobe.parse.elf.hashes import hashed_symbols
from hostprobe.parse.elf.image import Dynamic, Image
from hostprobe.parse.elf.machines import machine_of
from hostprobe.parse.elf.relocations import highest_symbol, parse_references, parse_slots
from hostprobe.parse.elf.segments import (
    parse_build_id,
    parse_interpreter,
    parse_stack_flags,
    parse_tls,
)
from hostprobe.parse.elf.standard import Standard, is_standard
from hostprobe.parse.elf.symbols import SymbolTable, parse_definitions
from hostprobe.parse.elf.versions import DT_VERDEF, DT_VERSYM, parse_versions
from hostprobe.parse.error import ParseError

DT_SONAME, DT_RPATH, DT_SYMBOLIC, DT_TEXTREL, DT_BIND_NOW = 14, 15, 16, 22, 24
DT_RUNPATH, DT_FLAGS, DT_NEEDED, DT_FLAGS_1 = 29, 30, 1, 0x6FFFFFFB
DT_AUXILIARY, DT_FILTER = 0x7FFFFFFD, 0x7FFFFFFF


def parse_elf(data: Data) -> Elf:
    """Read one executable or shared object from bytes, a memoryview or an mmap.

    Raises ParseError, and nothing else, for whatever is not one that ld.so could map.
    """
    if bytes(data[:4]) != b"\x7fELF":
        raise ParseError("not an ELF file")
    if is_standard(data):
        return assemble(Image(data, Standard(data)))
    return parse_foreign(data)


def parse_foreign(data: Data) -> Elf:
    """The same for what does not follow the gABI's layout."""
    # Most scans meet no such object and need not pay for the import.
    from hostprobe.parse.elf.foreign import Foreign  # noqa: PLC0415

    try:
        return assemble(Image(data, Foreign(data)))
    except ParseError:
        raise
    except Exception as error:  # pyelftools lets exceptions of all kinds escape on bad input
        raise ParseError(f"pyelftools: {type(error).__name__}: {error}") from error


def assemble(image: Image) -> Elf:
    """Put the parts together."""
    header = image.decoder.header
    if header.type not in {ET_EXEC, ET_DYN}:
        raise ParseError(f"neither an executable nor a shared object: e_type is {header.type}")
    dynamic = Dynamic(image)
    tags = dynamic.tags
    flags, flags_1 = tags.get(DT_FLAGS, 0), tags.get(DT_FLAGS_1, 0)
    versions = parse_versions(image, dynamic)
    slots = parse_slots(image, tags, machine_of(header.machine))
    hashed = hashed_symbols(image, tags)
    table = SymbolTable(image, dynamic, symbol_count(hashed.total, highest_symbol(slots)))
    return Elf(
        elf_class=header.elf_class,
        little_endian=header.little_endian,
        machine=header.machine,
        flags=header.flags,
        type=header.type,
        interpreter=parse_interpreter(image),
        is_dynamic=dynamic.exists,
        soname=dynamic.string(DT_SONAME),
        needed=dynamic.every(DT_NEEDED),
        rpath=dynamic.string(DT_RPATH),
        runpath=dynamic.string(DT_RUNPATH),
        filters=tuple(parse_filters(dynamic)),
        dt_symbolic=DT_SYMBOLIC in tags or bool(flags & DF_SYMBOLIC),
        text_relocation=DT_TEXTREL in tags or bool(flags & DF_TEXTREL),
        dt_flags=flags,
        dt_flags_1=flags_1,
        bind_now=DT_BIND_NOW in tags or bool(flags & DF_BIND_NOW or flags_1 & DF_1_NOW),
        stack_flags=parse_stack_flags(image),
        tls=parse_tls(image),
        build_id=parse_build_id(image),
        version_needs=versions.needs,
        version_definitions=versions.definitions,
        has_verdef=DT_VERDEF in tags,
        has_versym=DT_VERSYM in tags,
        definitions=parse_definitions(table, hashed.reachable),
        references=parse_references(table, slots, versions.by_index),
    )


def parse_filters(dynamic: Dynamic) -> Iterator[Filter]:
    """DT_FILTER and DT_AUXILIARY entries in file order."""
    for tag, value in dynamic.entries:
        if tag in {DT_AUXILIARY, DT_FILTER}:
            yield Filter(dynamic.strings[value], tag == DT_AUXILIARY)


def symbol_count(hashed: int, highest: int) -> int:
    """Relocations may use symbols behind those that a hash table knows."""
    return max(hashed, highest + 1 if highest else 0)
