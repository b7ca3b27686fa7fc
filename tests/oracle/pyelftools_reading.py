"""One object as pyelftools' section and segment classes tell it, in the shape of the facts.

Written against pyelftools' documented interface and on purpose not against hostprobe's reader:
symbols, versions and hash tables come from sections, names of relocation types instead of numbers.
"""

import functools
import re
import struct
from collections import defaultdict
from itertools import islice
from pathlib import Path

from elftools.elf import enums
from elftools.elf.dynamic import DynamicSegment
from elftools.elf.elffile import ELFFile
from elftools.elf.gnuversions import GNUVerDefSection, GNUVerNeedSection, GNUVerSymSection
from elftools.elf.hash import ELFHashSection, GNUHashSection
from elftools.elf.sections import SymbolTableSection

BINDS = {"STB_GLOBAL": 1, "STB_WEAK": 2, "STB_LOOS": 10, "STB_GNU_UNIQUE": 10}
TYPES = {
    "STT_NOTYPE": 0,
    "STT_OBJECT": 1,
    "STT_FUNC": 2,
    "STT_COMMON": 5,
    "STT_TLS": 6,
    "STT_LOOS": 10,
    "STT_GNU_IFUNC": 10,
}
VISIBILITIES = {"STV_DEFAULT": 0, "STV_INTERNAL": 1, "STV_HIDDEN": 2, "STV_PROTECTED": 3}
HEADER = Path("/usr/include/elf.h")


@functools.cache
def numbers_in_header(prefix):
    """Name -> number of the relocation types that the system's elf.h defines."""
    words = (line.split() for line in HEADER.read_text().splitlines())
    return {
        word[1]: int(word[2], 0)
        for word in words
        if word[:1] == ["#define"] and len(word) > 2 and word[1].startswith(f"{prefix}_")
        if word[2][0].isdigit()
    }


PREFIXES = {
    "EM_386": "R_386",
    "EM_PPC": "R_PPC",
    "EM_PPC64": "R_PPC64",
    "EM_S390": "R_390",
    "EM_ARM": "R_ARM",
    "EM_X86_64": "R_X86_64",
    "EM_AARCH64": "R_AARCH64",
    "EM_RISCV": "R_RISCV",
    "EM_LOONGARCH": "R_LARCH",
}
NAMED = {
    "EM_386": enums.ENUM_RELOC_TYPE_i386,
    "EM_PPC64": enums.ENUM_RELOC_TYPE_PPC64,
    "EM_S390": enums.ENUM_RELOC_TYPE_S390X,
    "EM_ARM": enums.ENUM_RELOC_TYPE_ARM,
    "EM_X86_64": enums.ENUM_RELOC_TYPE_x64,
    "EM_AARCH64": enums.ENUM_RELOC_TYPE_AARCH64,
    "EM_LOONGARCH": enums.ENUM_RELOC_TYPE_LOONGARCH,
}
"""pyelftools' tables; what they leave out or have wrong (R_ARM_IRELATIVE) is in the header."""


def relocation_names(machine):
    """Number -> name."""
    named = NAMED.get(machine, {}) | numbers_in_header(PREFIXES[machine])
    return {number: name for name, number in named.items()}


SKIPPED = re.compile(r"_(NONE|I?RELATIVE(64)?)$")
PLT = re.compile(r"JU?MP_SLOT?$|TLS_?DESC|DTPMOD|DTPOFF|DTPREL|TPOFF|TPREL")


def class_of(name):
    """0 normal, 1 PLT, 2 copy, None: no look-up."""
    if SKIPPED.search(name):
        return None
    if name.endswith("_COPY"):
        return 2
    return 1 if PLT.search(name) else 0


class Reading:
    """Everything of one object; `has_sections` tells whether there is enough to compare."""

    def __init__(self, stream):
        self.file = ELFFile(stream)
        sections = list(self.file.iter_sections())
        self.symbols = next(
            (one for one in sections if one.name == ".dynsym" and is_symbols(one)), None
        )
        self.segments = list(self.file.iter_segments())
        self.dynamic = next((one for one in self.segments if isinstance(one, DynamicSegment)), None)
        self.tags = list(self.dynamic.iter_tags()) if self.dynamic else []
        self.versym = only(sections, GNUVerSymSection)
        self.verneed = only(sections, GNUVerNeedSection)
        self.verdef = only(sections, GNUVerDefSection)
        self.gnu_hash = only(sections, GNUHashSection)
        self.hash = only(sections, ELFHashSection)
        self.has_sections = self.dynamic is None or self.symbols is not None

    def value(self, tag):
        return next((one.entry.d_val for one in self.tags if one.entry.d_tag == tag), None)

    def strings(self, *tags):
        table = self.dynamic._get_stringtable() if self.dynamic else None
        chosen = [one.entry.d_val for one in self.tags if one.entry.d_tag in tags]
        return [table.get_string(value) for value in chosen]

    def filters(self):
        tags = ("DT_FILTER", "DT_AUXILIARY")
        table = self.dynamic._get_stringtable() if self.dynamic else None
        chosen = [one.entry for one in self.tags if one.entry.d_tag in tags]
        return [(table.get_string(one.d_val), one.d_tag == "DT_AUXILIARY") for one in chosen]

    def segment(self, kind):
        return next((one for one in self.segments if one["p_type"] == kind), None)

    def scalars(self):
        """Every field of Elf that is not a table; names as str."""
        head = self.file.header
        flags, flags_1 = self.value("DT_FLAGS") or 0, self.value("DT_FLAGS_1") or 0
        interpreter, stack = self.segment("PT_INTERP"), self.segment("PT_GNU_STACK")
        tls = self.segment("PT_TLS")
        return {
            "elf_class": self.file.elfclass,
            "little_endian": self.file.little_endian,
            "machine": number(head["e_machine"], enums.ENUM_E_MACHINE),
            "flags": head["e_flags"],
            "type": enums.ENUM_E_TYPE[head["e_type"]],
            "interpreter": interpreter.get_interp_name() if interpreter else None,
            "is_dynamic": self.dynamic is not None,
            "soname": first(self.strings("DT_SONAME")),
            "needed": self.strings("DT_NEEDED"),
            "rpath": first(self.strings("DT_RPATH")),
            "runpath": first(self.strings("DT_RUNPATH")),
            "filters": self.filters(),
            "dt_symbolic": self.value("DT_SYMBOLIC") is not None or bool(flags & 2),
            "text_relocation": self.value("DT_TEXTREL") is not None or bool(flags & 4),
            "dt_flags": flags,
            "dt_flags_1": flags_1,
            "bind_now": self.value("DT_BIND_NOW") is not None
            or bool(flags & 8)
            or bool(flags_1 & 1),
            "stack_flags": stack["p_flags"] if stack else None,
            "tls": (tls["p_memsz"], tls["p_align"]) if tls else None,
            "build_id": self.build_id(),
            "has_verdef": self.value("DT_VERDEF") is not None,
            "has_versym": self.value("DT_VERSYM") is not None,
        }

    def build_id(self):
        for segment in self.segments:
            if segment["p_type"] == "PT_NOTE":
                for note in segment.iter_notes():
                    if note["n_type"] == "NT_GNU_BUILD_ID":
                        return note["n_desc"]
        return None

    def needs(self):
        """(file, node, weak, index, hidden) in order."""
        if self.verneed is None:
            return []
        return [
            (
                need.name,
                auxiliary.name,
                bool(auxiliary["vna_flags"] & 2),
                auxiliary["vna_other"] & 0x7FFF,
                bool(auxiliary["vna_other"] & 0x8000),
            )
            for need, auxiliaries in self.verneed.iter_versions()
            for auxiliary in auxiliaries
        ]

    def nodes(self):
        """Index -> node of the definitions without the base."""
        if self.verdef is None:
            return {}
        return {
            one["vd_ndx"] & 0x7FFF: next(auxiliaries).name
            for one, auxiliaries in self.verdef.iter_versions()
            if not one["vd_flags"] & 1
        }

    def raw_versym(self, index):
        if self.versym is None:
            return 1
        value = self.versym.get_symbol(index)["ndx"]
        return {"VER_NDX_LOCAL": 0, "VER_NDX_GLOBAL": 1}.get(value, value)

    def reachable(self):
        """Symbol indexes that the hash table holds, in the order of its chains."""
        if self.gnu_hash is not None:
            return range(self.gnu_hash.params["symoffset"], self.symbols.num_symbols())
        if self.hash is None:
            return ()
        order, (buckets, chains) = [], self.hash_table()
        for bucket in buckets:
            index = bucket
            while index:
                order.append(index)
                index = chains[index]
        return order

    def hash_table(self):
        """Buckets and chains; pyelftools does not know the words of 8 bytes, sh_entsize does."""
        if self.hash["sh_entsize"] != 8:
            return self.hash.params["buckets"], self.hash.params["chains"]
        raw, order = self.hash.data(), "<" if self.file.little_endian else ">"
        count, _, *words = struct.unpack(f"{order}{len(raw) // 8}Q", raw)
        return words[:count], words[count:]

    def definitions(self):
        """Name -> [(bind, type, visibility, undefined, versym)]."""
        found = defaultdict(list)
        for index in self.reachable() if self.symbols else ():
            symbol = self.symbols.get_symbol(index)
            bind, kind = symbol["st_info"]["bind"], symbol["st_info"]["type"]
            section, value = symbol["st_shndx"], symbol["st_value"]
            counts = value != 0 or section == "SHN_ABS" or kind == "STT_TLS"
            if counts and bind in BINDS and kind in TYPES:
                visibility = VISIBILITIES[symbol["st_other"]["visibility"]]
                found[symbol.name].append(
                    (
                        BINDS[bind],
                        TYPES[kind],
                        visibility,
                        section == "SHN_UNDEF",
                        self.raw_versym(index),
                    )
                )
        return dict(found)

    def relocations(self):
        """(symbol index, type name, in JMPREL) in order, from the dynamic segment's tables."""
        if self.dynamic is None:
            return
        tables = self.dynamic.get_relocation_tables()
        if not tables:
            return
        names = relocation_names(self.file["e_machine"])
        for kind in ("REL", "RELA", "JMPREL"):
            if kind in tables:
                for one in islice(tables[kind].iter_relocations(), self.count(kind, tables)):
                    yield one["r_info_sym"], names[one["r_info_type"]], kind == "JMPREL"

    def count(self, kind, tables):
        """Without the JMPREL that linkers of some machines count in at the end of a table."""
        own, plt = tables[kind], tables.get("JMPREL")
        end = self.value(f"DT_{kind}"), self.value(f"DT_{kind}SZ")
        slots = self.value("DT_JMPREL"), self.value("DT_PLTRELSZ")
        is_inside = plt and kind != "JMPREL" and sum(end) == sum(slots)
        return own.num_relocations() - (plt.num_relocations() if is_inside else 0)

    def references(self):
        """The rows of Elf.references in order."""
        versions = {index: (node, file, hidden) for file, node, _, index, hidden in self.needs()}
        versions |= {index: (node, None, False) for index, node in self.nodes().items()}
        only_slots = {}
        for index, name, in_plt in self.relocations():
            which = class_of(name)
            if index and which is not None:
                is_slot = in_plt and name.endswith(("JUMP_SLOT", "JMP_SLOT"))
                only_slots[index, which] = only_slots.get((index, which), True) and is_slot
        rows = (self.row(*key, versions, in_plt) for key, in_plt in only_slots.items())
        return [row for row in rows if row]

    def row(self, index, which, versions, in_plt):
        symbol = self.symbols.get_symbol(index)
        visibility = symbol["st_other"]["visibility"]
        if symbol["st_info"]["bind"] == "STB_LOCAL":
            return None
        if visibility not in {"STV_DEFAULT", "STV_PROTECTED"}:
            return None
        node, file, hidden = versions.get(self.raw_versym(index) & 0x7FFF, (None, None, False))
        return (
            symbol.name,
            node,
            file,
            hidden,
            which,
            symbol["st_info"]["bind"] == "STB_WEAK",
            symbol["st_shndx"] != "SHN_UNDEF",
            visibility == "STV_PROTECTED",
            TYPES[symbol["st_info"]["type"]],
            in_plt,
        )


def number(value, names):
    """pyelftools gives a number that it has no name for as it is."""
    return names.get(value, value)


def is_symbols(section):
    return isinstance(section, SymbolTableSection)


def only(sections, kind):
    return next((one for one in sections if isinstance(one, kind)), None)


def first(values):
    return values[0] if values else None
