"""A graph as files: assembler source, one `as` and one `ld` per library, then patches."""

import shutil
import subprocess

from elftools.elf.elffile import ELFFile

from hostprobe.facts.elf import (
    DF_SYMBOLIC,
    STV_HIDDEN,
    STV_INTERNAL,
    STV_PROTECTED,
    VERSYM_HIDDEN,
    VERSYM_VERSION,
)

SECTION = {
    "function": ".text",
    "ifunc": ".text",
    "object": ".data",
    "unique": ".data",
    "tls": '.section .tdata,"awT",@progbits',
}
TYPE = {
    "function": "@function",
    "ifunc": "@gnu_indirect_function",
    "object": "@object",
    "unique": "@gnu_unique_object",
    "tls": "@tls_object",
}
CONTENT = {"function": "ret", "ifunc": "leaq resolved(%rip), %rax\nret"}
REFERENCE = {
    "call": ".text\ncall {}@PLT",
    "take": ".data\n.quad {}",
    "got": ".text\nmovq {}@GOTPCREL(%rip), %rax",
    "ie": ".text\nmovq {}@gottpoff(%rip), %rax",
    "gd": ".text\n.byte 0x66\nleaq {}@tlsgd(%rip), %rdi\n.word 0x6666\nrex64\n"
    "call __tls_get_addr@PLT",
    "desc": ".text\nleaq {0}@tlsdesc(%rip), %rax\ncall *{0}@tlscall(%rax)",
    "copy": ".text\nmovq {}(%rip), %rax",
    "address": ".text\nleaq {}(%rip), %rax",
}
UNRESOLVED = ("--unresolved-symbols=ignore-all", "--allow-shlib-undefined", "--no-as-needed")
TLS_TYPES = {16, 17, 18, 36}
"""DTPMOD64, DTPOFF64, TPOFF64, TLSDESC."""


def build(graph, directory, driver):
    """Build everything below the directory; `driver` is the program's compiled main()."""
    for folder in ("link", "a", "b", "c"):
        (directory / folder).mkdir()
    for name, library in graph.stubs.items():
        link(library, directory, directory / "link" / f"lib{name}.so", graph.stubs)
    link(graph.main, directory, directory / "main", graph.stubs, ("gcc", *driver))
    for path, library in graph.files.items():
        target = directory / path
        target.parent.mkdir(parents=True, exist_ok=True)
        link(library, directory, target, graph.stubs)
        patch(target, library)
    for path, target in graph.links:
        (directory / path).symlink_to(directory / target)
    for path, target in graph.copies:
        shutil.copy(directory / target, directory / path)
    for path in graph.removed:
        (directory / path).unlink()


def link(library, directory, target, stubs, compiler=()):
    """One `as` and one `ld`, or the compiler driver for the program."""
    source, script = directory / "source.s", directory / "versions.map"
    source.write_text(source_of(library))
    subprocess.run(["as", "-o", directory / "source.o", source], check=True)
    flags = [flag.replace("{d}", str(directory)) for flag in (*UNRESOLVED, *library.flags)]
    nodes = sorted({one.node for one in library.symbols if one.node})
    if nodes:
        script.write_text("".join(f"{node} {{ }};\n" for node in nodes))
        flags.append(f"--version-script={script}")
    if library.soname:
        flags += ["-soname", library.soname]
    needs = [directory / "link" / f"lib{stubs[need].name}.so" for need in library.needs]
    if compiler:
        flags = [word for flag in flags for word in ("-Xlinker", flag)]
    linker = compiler or ("ld", "-shared", "-z", "origin")
    command = [*linker, *flags, "-o", target, directory / "source.o", *needs]
    done = subprocess.run(command, check=False, capture_output=True)
    if done.returncode:
        raise UnlinkableError(done.stderr)


def source_of(library):
    lines = [".text", "resolved: ret"]
    for number, symbol in enumerate(library.symbols):
        lines += definition(symbol, number)
    for number, use in enumerate(library.uses):
        lines += reference(use, number)
    return "\n".join((*lines, '.section .note.GNU-stack,"",@progbits', ""))


def definition(symbol, number):
    label = f"{symbol.name}__{number}" if symbol.node else symbol.name
    yield f".{'weak' if symbol.weak else 'globl'} {label}"
    if symbol.kind == "absolute":
        yield f".set {label}, 0"
    else:
        yield SECTION[symbol.kind]
        yield f".type {label}, {TYPE[symbol.kind]}"
        yield f"{label}: {CONTENT.get(symbol.kind, '.quad 1')}"
        yield f".size {label}, .-{label}"
    if symbol.node:
        at = "@@" if symbol.default else "@"
        yield f".symver {label}, {symbol.name}{at}{symbol.node}, remove"


def reference(use, number):
    label = f"{use.name}_use{number}" if use.node else use.name
    if use.node:
        yield f".symver {label}, {use.name}@{use.node}"
    if use.weak:
        yield f".weak {label}"
    yield REFERENCE[use.how].format(label)


class UnlinkableError(Exception):
    """The linker does not want a graph, or writes what no loader can read."""


def patch(path, library):
    """What assembler and linker do not write."""
    with path.open("r+b") as file:
        elf = ELFFile(file)
        refuse_lost_indexes(elf)
        refuse_absent_tls(elf)
        patch_symbols(file, elf, library)
        if library.symbolic:
            patch_flags(file, elf)
        if library.hidden_needs:
            patch_needs(file, elf)


def patch_symbols(file, elf, library):
    """Visibility in st_other; bit 15 in DT_VERSYM of definitions without a node."""
    visibility = {one.name: STV_PROTECTED for one in library.symbols if one.protected}
    visibility |= {one.name: STV_HIDDEN for one in library.symbols if one.hidden}
    visibility |= {one.name: STV_INTERNAL for one in library.symbols if one.internal}
    hidden_base = {one.name for one in library.symbols if one.hidden_base and not one.node}
    table, versions = elf.get_section_by_name(".dynsym"), elf.get_section_by_name(".gnu.version")
    for number, one in enumerate(table.iter_symbols()):
        if one["st_shndx"] == "SHN_UNDEF":
            continue
        if one.name in visibility:
            put(file, table["sh_offset"] + number * 24 + 5, bytes([visibility[one.name]]))
        if versions is not None and one.name in hidden_base:
            place = versions["sh_offset"] + number * 2
            if take(file, place, 2) == 1:
                put(file, place, (1 | VERSYM_HIDDEN).to_bytes(2, "little"))


def refuse_lost_indexes(elf):
    """The linker now and then writes a version index that stands for nothing."""
    indexes = {"VER_NDX_LOCAL", "VER_NDX_GLOBAL", 0, 1}
    needs, nodes = (elf.get_section_by_name(f".gnu.version_{one}") for one in "rd")
    if needs is not None:
        indexes |= {one["vna_other"] for _, several in needs.iter_versions() for one in several}
    if nodes is not None:
        indexes |= {one["vd_ndx"] for one, _ in nodes.iter_versions()}
    versions = elf.get_section_by_name(".gnu.version")
    for one in () if versions is None else versions.iter_symbols():
        index = one["ndx"]
        if (index & VERSYM_VERSION if isinstance(index, int) else index) not in indexes:
            raise UnlinkableError(f"version index {index}")


def refuse_absent_tls(elf):
    """Nor does it mind a relocation to the object's own thread-local storage that is not there."""
    table = elf.get_section_by_name(".rela.dyn")
    entries = () if table is None else table.iter_relocations()
    types = {one["r_info_type"] for one in entries if not one["r_info_sym"]}
    if types & TLS_TYPES and not any(one["p_type"] == "PT_TLS" for one in elf.iter_segments()):
        raise UnlinkableError("no PT_TLS")


def patch_flags(file, elf):
    table = elf.get_section_by_name(".dynamic")
    for number, one in enumerate(table.iter_tags()):
        if one["d_tag"] == "DT_FLAGS":
            place = table["sh_offset"] + number * 16 + 8
            put(file, place, (one["d_val"] | DF_SYMBOLIC).to_bytes(8, "little"))


def patch_needs(file, elf):
    """Bit 15 of vna_other."""
    table = elf.get_section_by_name(".gnu.version_r")
    if table is None:
        return
    place = table["sh_offset"]
    for need, auxiliaries in table.iter_versions():
        entry = place + need["vn_aux"]
        for one in auxiliaries:
            index = (one["vna_other"] | VERSYM_HIDDEN).to_bytes(2, "little")
            put(file, entry + 6, index)
            entry += one["vna_next"]
        place += need["vn_next"]


def put(file, place, content):
    """Write, and leave the reader where it was."""
    before = file.tell()
    file.seek(place)
    file.write(content)
    file.seek(before)


def take(file, place, size):
    before = file.tell()
    file.seek(place)
    number = int.from_bytes(file.read(size), "little")
    file.seek(before)
    return number
