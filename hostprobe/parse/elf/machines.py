"""Relocation types by e_machine: which look nothing up, which accept what as a definition.

Numbers from the processor supplements of the System V ABI (as in <elf.h>); the classes are those
that glibc's sysdeps/*/dl-machine.h give the types (elf_machine_type_class).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from hostprobe.facts.elf import LookupClass

EM_386, EM_MIPS, EM_PPC, EM_PPC64, EM_S390, EM_ARM, EM_X86_64 = 3, 8, 20, 21, 22, 40, 62
EM_AARCH64, EM_RISCV, EM_LOONGARCH, EM_ALPHA = 183, 243, 258, 0x9026


@dataclass(frozen=True, slots=True)
class Machine:
    """The relocation types of one machine that are not plain look-ups."""

    skipped: frozenset[int]
    """NONE, RELATIVE, RELATIVE64, IRELATIVE: nothing is looked up."""

    jump_slot: int | None
    classes: Mapping[int, LookupClass]
    """Types that are not LookupClass.NORMAL."""


def machine(skipped: set[int], jump_slot: int | None, tls: set[int], copy: int | None) -> Machine:
    """JUMP_SLOT and the TLS types are PLT class, COPY is copy class."""
    classes = dict.fromkeys(tls, LookupClass.PLT)
    if jump_slot is not None:
        classes[jump_slot] = LookupClass.PLT
    if copy is not None:
        classes[copy] = LookupClass.COPY
    return Machine(frozenset({0, *skipped}), jump_slot, classes)


# The first numbers are branches (ADDR24, REL24) and count as PLT; the ranges are the TLS types.
_PPC_PLT = {2, 10, *range(68, 79)}
_PPC64_PLT = {2, *range(67, 107), *range(112, 116)}

MACHINES: Mapping[int, Machine] = {
    EM_386: machine({8, 42}, 7, {14, 35, 36, 37, 41}, 5),
    EM_PPC: machine({22, 248}, 21, _PPC_PLT, 19),
    EM_PPC64: machine({22, 248}, 21, _PPC64_PLT, 19),
    EM_S390: machine({12, 61}, 11, {54, 55, 56}, 9),
    EM_ARM: machine({23, 160}, 22, {13, 17, 18, 19}, 20),
    EM_X86_64: machine({8, 37, 38}, 7, {16, 17, 18, 36}, 5),
    EM_AARCH64: machine({1027, 1032}, 1026, {1028, 1029, 1030, 1031}, 1024),
    EM_RISCV: machine({3, 58}, 5, {6, 7, 8, 9, 10, 11, 12}, 4),
    EM_LOONGARCH: machine({3, 12}, 5, {6, 7, 8, 9, 10, 11, 13, 14}, 4),
}
OTHER = machine(set(), None, set(), None)
"""A machine without a table: every look-up counts as LookupClass.NORMAL."""


def hash_word_size(number: int, bits: int) -> int:
    """Bytes of one DT_HASH word: 4 in the gABI, 8 in ELF64 of s390 and Alpha."""
    return 8 if bits == 64 and number in {EM_S390, EM_ALPHA} else 4


def machine_of(number: int) -> Machine:
    """The types of e_machine `number`."""
    return MACHINES.get(number, OTHER)
