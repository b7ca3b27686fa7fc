"""One ELF file as the dynamic linker sees it (gABI chapters 4 and 5, GNU symbol versioning)."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

STB_LOCAL, STB_GLOBAL, STB_WEAK, STB_GNU_UNIQUE = 0, 1, 2, 10
STT_NOTYPE, STT_OBJECT, STT_FUNC, STT_COMMON, STT_TLS, STT_GNU_IFUNC = 0, 1, 2, 5, 6, 10
STV_DEFAULT, STV_INTERNAL, STV_HIDDEN, STV_PROTECTED = 0, 1, 2, 3
DF_ORIGIN, DF_SYMBOLIC, DF_TEXTREL, DF_BIND_NOW, DF_STATIC_TLS = 1, 2, 4, 8, 16
DF_1_NOW, DF_1_GLOBAL, DF_1_NODELETE, DF_1_INITFIRST = 0x1, 0x2, 0x8, 0x20
DF_1_INTERPOSE, DF_1_NODEFLIB, DF_1_PIE = 0x400, 0x800, 0x8000000
ET_EXEC, ET_DYN = 2, 3
PF_X, PF_W, PF_R = 1, 2, 4
VERSYM_HIDDEN = 0x8000
VERSYM_VERSION = 0x7FFF
VER_FLG_BASE, VER_FLG_WEAK = 1, 2


class LookupClass(IntEnum):
    """What a relocation accepts as definition (ELF_RTYPE_CLASS_* of glibc)."""

    NORMAL = 0
    PLT = 1
    """JUMP_SLOT and the TLS types: undefined symbols with a value do not count."""
    COPY = 2
    """COPY: the executable itself is skipped."""


class Definition(NamedTuple):
    """One hash-table entry that a lookup by name can reach."""

    bind: int
    """STB_GLOBAL, STB_WEAK or STB_GNU_UNIQUE; never STB_LOCAL."""

    type: int
    """STT_*."""

    visibility: int
    """STV_*."""

    undefined: bool
    """SHN_UNDEF with a value: a canonical PLT entry of a non-PIE executable."""

    versym: int
    """Raw DT_VERSYM entry (bit 15: hidden); 1 (VER_NDX_GLOBAL) where the object has no versions."""


class Reference(NamedTuple):
    """One distinct (symbol, version, class) that relocations of the object look up."""

    name: bytes
    version: bytes | None
    """Node name that DT_VERSYM asks for, from DT_VERNEED or DT_VERDEF; None: no version."""

    file: bytes | None
    """The library that DT_VERNEED names for it; None without a need."""

    hidden: bool
    """Bit 15 of the need's vna_other: an unversioned base definition is refused."""

    lookup_class: LookupClass
    weak: bool
    """The reference itself is STB_WEAK: may stay unbound."""

    defined: bool
    """The symbol the relocation names is defined in this very object."""

    protected: bool
    """The symbol is STV_PROTECTED: a self-definition binds to itself."""

    type: int
    """STT_* of the symbol entry the relocation names (often NOTYPE when undefined)."""

    in_plt: bool
    """Every relocation of it is a JUMP_SLOT: bound lazily unless the object or the open is NOW."""


@dataclass(frozen=True, slots=True)
class VersionNeed:
    """One needed node (Vernaux) of one file (Verneed)."""

    file: bytes
    node: bytes
    weak: bool
    """VER_FLG_WEAK: a missing node is only a warning."""

    index: int = 0
    """vna_other without bit 15: what DT_VERSYM says where it means this node. A COPY slot and a
    canonical PLT entry are definitions with such an index."""


class Filter(NamedTuple):
    """One DT_FILTER or DT_AUXILIARY entry: a library whose definitions stand before the own."""

    name: bytes
    is_auxiliary: bool
    """DT_AUXILIARY: the object does without the library where it is missing."""


@dataclass(frozen=True, slots=True)
class Tls:
    """PT_TLS."""

    size: int
    """p_memsz, bytes."""

    alignment: int


@dataclass(frozen=True, slots=True)
class Elf:
    """Everything the loader model and the checks need of one object, read from PT_DYNAMIC."""

    elf_class: int
    """32 or 64."""

    little_endian: bool
    machine: int
    """e_machine."""

    flags: int
    """e_flags (ABI variant on Arm, PowerPC, MIPS, RISC-V)."""

    type: int
    """ET_EXEC or ET_DYN."""

    interpreter: bytes | None
    """PT_INTERP path; None for a shared object."""

    is_dynamic: bool
    """A PT_DYNAMIC segment exists."""

    soname: bytes | None
    needed: tuple[bytes, ...]
    """DT_NEEDED in file order."""

    rpath: bytes | None
    runpath: bytes | None
    filters: tuple[Filter, ...]
    """In file order."""

    dt_symbolic: bool
    """DT_SYMBOLIC, or DF_SYMBOLIC in DT_FLAGS."""

    text_relocation: bool
    """DT_TEXTREL, or DF_TEXTREL in DT_FLAGS."""

    dt_flags: int
    dt_flags_1: int
    bind_now: bool
    """DT_BIND_NOW, DF_BIND_NOW or DF_1_NOW."""

    stack_flags: int | None
    """p_flags of PT_GNU_STACK; None when the header is absent."""

    tls: Tls | None
    build_id: bytes | None
    """Descriptor of the NT_GNU_BUILD_ID note."""

    version_needs: tuple[VersionNeed, ...]
    version_definitions: Mapping[int, bytes]
    """Index -> node name from DT_VERDEF, the base definition (VER_FLG_BASE) left out."""

    has_verdef: bool
    """DT_VERDEF exists (a base definition alone counts)."""

    has_versym: bool
    """DT_VERSYM exists: the object takes part in versioning."""

    definitions: Mapping[bytes, tuple[Definition, ...]]
    """Name -> definitions in the order a hash chain yields them."""

    references: tuple[Reference, ...]
    """Distinct look-ups in the order relocations first make them: RELA or REL, then JMPREL."""


@dataclass(frozen=True, slots=True)
class Banners:
    """Version texts that libraries leave in objects they are compiled into or built against."""

    texts: tuple[tuple[str, str], ...]
    """(family, version) pairs in file order without repeats, e.g. ("openssl", "3.0.22")."""


@dataclass(frozen=True, slots=True)
class StackSegment:
    """PT_GNU_STACK of a program."""

    size: int
    """p_memsz, bytes: musl's default for the stacks of threads; 0 without the header."""
