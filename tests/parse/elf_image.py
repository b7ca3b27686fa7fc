"""Builds tiny ELF images for tests: any class and byte order, one PT_LOAD over the whole file."""

import struct
from dataclasses import dataclass, field

from hostprobe.parse.elf import parse_elf

PT_LOAD, PT_DYNAMIC, PT_INTERP, PT_NOTE, PT_TLS, PT_GNU_STACK = 1, 2, 3, 4, 7, 0x6474E551
BASE = 0x10000
"""Address of the first byte of the file: addresses are never file offsets."""


@dataclass
class Sym:
    """One symbol; `version` is its raw versym entry."""

    name: str
    value: int = 0x1234
    bind: int = 1
    type: int = 2
    visibility: int = 0
    section: int = 7
    version: int = 1


def undefined(name, **changes):
    return Sym(name, **{"value": 0, "section": 0, **changes})


@dataclass
class ElfImage:
    """What goes into the image; everything is left out unless given."""

    symbols: list = field(default_factory=list)
    """Behind symbol 0; with a GNU hash the first `unhashed` are outside the hash table."""

    unhashed: int = 0
    hash: str = "gnu"
    """gnu, sysv, or none."""

    rela: list = field(default_factory=list)
    """(symbol index, type)."""

    rela_count: int = 0
    jmprel: list = field(default_factory=list)
    is_jmprel_inside_rela: bool = False
    use_rel: bool = False
    needs: list = field(default_factory=list)
    """(file, [(node, flags, index)])."""

    nodes: list = field(default_factory=list)
    """(node, flags, index) of DT_VERDEF."""

    versym: bool = False
    strings: dict = field(default_factory=dict)
    """Tag -> string, or a list of strings."""

    tags: list = field(default_factory=list)
    """(tag, value) behind all others."""

    segments: list = field(default_factory=list)
    """(type, bytes or None, flags, memory size, align)."""

    bits: int = 64
    big: bool = False
    machine: int = 62
    kind: int = 3
    flags: int = 0
    dynamic: bool = True

    def build(self):
        return Writer(self).write()


class Writer:
    """Puts the tables one behind another and notes their addresses."""

    def __init__(self, image):
        self.image = image
        self.order = ">" if image.big else "<"
        self.word = "Q" if image.bits == 64 else "I"
        self.names = bytearray(b"\0")
        self.body = bytearray()
        self.start = 64 + 56 * (3 + len(image.segments))
        self.dynamic = []

    def pack(self, layout, *values):
        return struct.pack(self.order + layout, *values)

    def string(self, text):
        at = self.names.find(text.encode() + b"\0")
        if at < 0:
            at = len(self.names)
            self.names += text.encode() + b"\0"
        return at

    def place(self, raw):
        """Append a table at a multiple of 8; returns its address."""
        self.body += bytes(-len(self.body) % 8)
        at = self.start + len(self.body)
        self.body += raw
        return BASE + at

    def table(self, tag, raw):
        self.dynamic.append((tag, self.place(raw)))

    def write(self):
        image = self.image
        self.write_symbols()
        self.write_relocations()
        self.write_versions()
        for tag, texts in image.strings.items():
            several = [texts] if isinstance(texts, str) else texts
            self.dynamic += [(tag, self.string(text)) for text in several]
        self.table(5, bytes(self.names))
        self.dynamic += [(10, len(self.names)), *image.tags]
        headers = [self.segment(*one) for one in image.segments]
        if image.dynamic:
            raw = b"".join(self.pack(2 * self.word, *pair) for pair in [*self.dynamic, (0, 0)])
            address = self.place(raw)
            headers.append(self.header(2, address - BASE, len(raw), len(raw), 6, 8))
        self.body += bytes(-len(self.body) % 8)
        size = self.start + len(self.body)
        headers.insert(0, self.header(1, 0, size, size, 5, 0x1000))
        return (self.elf_header(len(headers)) + b"".join(headers)).ljust(self.start, b"\0") + bytes(
            self.body
        )

    def elf_header(self, count):
        image, size = self.image, 64 if self.image.bits == 64 else 52
        identity = bytes((0x7F, 0x45, 0x4C, 0x46, image.bits // 32, 1 + image.big, 1)) + bytes(9)
        rest = self.pack(
            f"HHI{3 * self.word}I6H",
            *(image.kind, image.machine, 1, 0, size, 0, image.flags),
            *(size, 56 if image.bits == 64 else 32, count, 0, 0, 0),
        )
        return identity + rest

    def header(self, kind, offset, size, memory, flags, align):
        if self.image.bits == 64:
            return self.pack("IIQQQQQQ", kind, flags, offset, BASE + offset, 0, size, memory, align)
        return self.pack("8I", kind, offset, BASE + offset, 0, size, memory, flags, align)

    def segment(self, kind, raw, flags=4, memory=None, align=8):
        offset = self.place(raw or b"") - BASE
        size = len(raw or b"")
        return self.header(kind, offset, size, size if memory is None else memory, flags, align)

    def write_symbols(self):
        image = self.image
        if not image.symbols:
            return
        symbols = [Sym("", 0, 0, 0, section=0, version=0), *image.symbols]
        self.table(6, b"".join(map(self.symbol, symbols)))
        self.dynamic.append((11, 24 if image.bits == 64 else 16))
        if image.versym:
            self.table(0x6FFFFFF0, self.pack(f"{len(symbols)}H", *(s.version for s in symbols)))
        if image.hash == "gnu":
            self.table(0x6FFFFEF5, self.gnu_hash(1 + image.unhashed, len(symbols)))
        elif image.hash == "sysv":
            self.table(4, self.sysv_hash(len(symbols)))

    def symbol(self, one):
        name, info = self.string(one.name), one.bind << 4 | one.type
        if self.image.bits == 64:
            return self.pack("IBBHQQ", name, info, one.visibility, one.section, one.value, 0)
        return self.pack("IIIBBH", name, one.value, 0, info, one.visibility, one.section)

    def gnu_hash(self, first, end):
        """One bucket; the hash values are not real because no reader needs them."""
        chain = [2] * (end - first)
        if chain:
            chain[-1] = 3
        bucket = first if chain else 0
        return self.pack(f"4I{self.word}I{len(chain)}I", 1, first, 1, 0, 0, bucket, *chain)

    def sysv_hash(self, count):
        """One bucket whose chain runs from the last symbol to the first, as ld makes it."""
        word = "Q" if self.image.machine == 22 and self.image.bits == 64 else "I"
        chain = [0, *range(count - 1)]
        return self.pack(f"{3 + count}{word}", 1, count, count - 1, *chain)

    def relocation(self, symbol, kind):
        is_wide = self.image.bits == 64
        info = symbol << 32 | kind if is_wide else symbol << 8 | kind
        if is_wide and self.image.machine == 8:  # MIPS keeps the type in the last byte
            info = symbol | kind << 56
        addend = () if self.image.use_rel else (0,)
        return self.pack(self.word * (2 + len(addend)), 0x5000, info, *addend)

    def write_relocations(self):
        image = self.image
        rela = b"".join(self.relocation(*one) for one in image.rela)
        plt = b"".join(self.relocation(*one) for one in image.jmprel)
        address = self.place(rela + plt) if image.is_jmprel_inside_rela else self.place(rela)
        table, size, entry, count = (
            (17, 18, 19, 0x6FFFFFFA)
            if image.use_rel
            else (
                *(7, 8, 9),
                0x6FFFFFF9,
            )
        )
        if rela or image.is_jmprel_inside_rela:
            length = len(rela) + len(plt) * image.is_jmprel_inside_rela
            one = (2 if image.use_rel else 3) * (image.bits // 8)
            self.dynamic += [(table, address), (size, length), (entry, one)]
            self.dynamic += [(count, image.rela_count)] if image.rela_count else []
        if plt:
            at = address + len(rela) if image.is_jmprel_inside_rela else self.place(plt)
            self.dynamic += [(23, at), (2, len(plt)), (20, table)]

    def write_versions(self):
        if self.image.needs:
            self.table(0x6FFFFFFE, b"".join(self.needs()))
        if self.image.nodes:
            self.table(0x6FFFFFFC, b"".join(self.nodes()))

    def needs(self):
        for position, (file, nodes) in enumerate(self.image.needs):
            is_last = position == len(self.image.needs) - 1
            following = 0 if is_last else 16 + 16 * len(nodes)
            yield self.pack("HHIII", 1, len(nodes), self.string(file), 16, following)
            for number, (node, flags, index) in enumerate(nodes):
                step = 0 if number == len(nodes) - 1 else 16
                yield self.pack("IHHII", 1, flags, index, self.string(node), step)

    def nodes(self):
        for position, (node, flags, index) in enumerate(self.image.nodes):
            following = 0 if position == len(self.image.nodes) - 1 else 28
            yield self.pack("HHHHIII", 1, flags, index, 1, 1, 20, following)
            yield self.pack("II", self.string(node), 0)


GLOB_DAT, JUMP_SLOT = 6, 7


def with_table(tag, table, **parts):
    """An image whose tag points to a table that stands last in its segment."""
    size = len(ElfImage(**parts, tags=[(tag, 0)]).build())
    data = bytearray(ElfImage(**parts, tags=[(tag, BASE + size)]).build() + table)
    order, at, word = (">" if parts.get("big") else "<"), 64 + 32, "Q"
    if parts.get("bits") == 32:
        at, word = 52 + 16, "I"
    struct.pack_into(f"{order}2{word}", data, at, len(data), len(data))  # p_filesz, p_memsz
    return bytes(data)


FLAVOURS = [
    {},
    {"bits": 64, "big": False, "machine": 183},
    {"bits": 64, "big": True, "machine": 22},
    {"bits": 64, "big": False, "machine": 21},
    {"bits": 64, "big": False, "machine": 243},
    {"bits": 32, "big": False, "machine": 3},
    {"bits": 32, "big": False, "machine": 40},
    {"bits": 32, "big": True, "machine": 20},
    {"bits": 64, "big": False, "machine": 8},
]


def parse(**parts):
    return parse_elf(ElfImage(**parts).build())


def note(kind, name, descriptor):
    padded = name + bytes(-len(name) % 4)
    return struct.pack("<III", len(name), len(descriptor), kind) + padded + descriptor
