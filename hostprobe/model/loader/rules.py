"""What differs between C libraries, releases and processors, as tables.

Sources: ld.so(8); glibc's NEWS; LD_DEBUG of 2.31, 2.36 and 2.41; for the cache flags
sysdeps/*/dl-cache.h and caches that the ldconfig of i386, arm64, armhf, armel, ppc64el and s390x
wrote. Another C library would be another `Rules` with its own search order (musl:
LD_LIBRARY_PATH, then rpath and runpath alike up the requesters, then its path file; no cache, no
versions, no DEEPBIND).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple

from hostprobe.facts.elf import PF_X, Elf
from hostprobe.model.loader.objects import FoundBy

X86_64_LEVELS = ("x86-64-v4", "x86-64-v3", "x86-64-v2")


class Span(NamedTuple):
    """The releases that behave in one way."""

    first: tuple[int, int] = (2, 0)
    last: tuple[int, int] = (2, 9999)


class Habit(Enum):
    """What releases of glibc do differently, each with the releases that do it."""

    HWCAPS_SUBDIRECTORIES = Span(first=(2, 33))
    """glibc-hwcaps is searched below every directory and in ld.so.cache."""

    LEGACY_SUBDIRECTORIES = Span(last=(2, 36))
    """Every combination of `tls`, the platform and a capability is searched too."""

    PIE_REFUSED = Span(first=(2, 30))
    """dlopen refuses a position-independent executable."""

    DEPTH_FIRST_ORDER = Span(first=(2, 35))
    """Objects are relocated in the order of a depth-first walk (`_dl_sort_maps`)."""

    LOST_VERSIONS_END_THE_PROCESS = Span(last=(2, 40))
    """An assertion: the library that DT_VERNEED names has no versions any more."""

    EXECUTABLE_STACK_REFUSED = Span(first=(2, 41))
    """dlopen does not make the stack executable for an object that asks for it."""


@dataclass(frozen=True, slots=True)
class Machine:
    """What ld.so of one processor has compiled in."""

    triplet: str
    """Debian's multiarch directory name."""

    lib: str
    """$LIB and the default directories outside Debian."""

    cache_flags: int
    """Entries of ld.so.cache with other flags are not for this loader."""

    platform: str
    """$PLATFORM: AT_PLATFORM of the kernel."""

    hwcap: str = ""
    """Legacy capability subdirectory that every such processor has."""

    has_executable_stack: bool = False
    """Without PT_GNU_STACK the stack is executable (DEFAULT_STACK_PERMS, sysdeps/*/stackinfo.h)."""


class Flavour(NamedTuple):
    """What of an object tells its processor and C ABI."""

    machine: int
    """e_machine."""

    elf_class: int
    little_endian: bool = True
    soft_float: bool = False
    """Arm: EF_ARM_ABI_FLOAT_SOFT in e_flags."""


BIG_ENDIAN = False
EM_ARM, EF_ARM_ABI_FLOAT_SOFT = 40, 0x200

MACHINES: Mapping[Flavour, Machine] = {
    Flavour(62, 64): Machine(
        "x86_64-linux-gnu", "lib64", 0x0303, "x86_64", "x86_64", has_executable_stack=True
    ),
    Flavour(62, 32): Machine(
        "x86_64-linux-gnux32", "libx32", 0x0803, "x86_64", "x86_64", has_executable_stack=True
    ),
    Flavour(3, 32): Machine("i386-linux-gnu", "lib", 0x0003, "i686", has_executable_stack=True),
    Flavour(183, 64): Machine("aarch64-linux-gnu", "lib64", 0x0A03, "aarch64"),
    Flavour(EM_ARM, 32): Machine(
        "arm-linux-gnueabihf", "lib", 0x0903, "v7l", has_executable_stack=True
    ),
    Flavour(EM_ARM, 32, soft_float=True): Machine(
        "arm-linux-gnueabi", "lib", 0x0B03, "v5tejl", has_executable_stack=True
    ),
    Flavour(20, 32, BIG_ENDIAN): Machine(
        "powerpc-linux-gnu", "lib", 0x0003, "ppc7450", has_executable_stack=True
    ),
    Flavour(21, 64): Machine("powerpc64le-linux-gnu", "lib64", 0x0503, "power9"),
    Flavour(21, 64, BIG_ENDIAN): Machine("powerpc64-linux-gnu", "lib64", 0x0503, "ppc970"),
    Flavour(22, 64, BIG_ENDIAN): Machine(
        "s390x-linux-gnu", "lib64", 0x0403, "z14", has_executable_stack=True
    ),
    Flavour(243, 64): Machine("riscv64-linux-gnu", "lib64", 0x1003, "riscv64"),
}

UNKNOWN_MACHINE = Machine("unknown-linux-gnu", "lib64", 0x0003, "unknown")


@dataclass(frozen=True, slots=True)
class Rules:
    """One C library's dynamic linker on one computer."""

    version: tuple[int, int] = (2, 36)
    """Release of glibc."""

    levels: tuple[str, ...] = X86_64_LEVELS[1:]
    """glibc-hwcaps subdirectories that the processor supports, best first. Assumed x86-64-v3:
    nothing in a root file system tells the processor."""

    platform: str | None = None
    """$PLATFORM; None: the machine's usual one."""

    search_order: tuple[FoundBy, ...] = (
        FoundBy.RPATH,
        FoundBy.LD_LIBRARY_PATH,
        FoundBy.RUNPATH,
        FoundBy.CACHE,
        FoundBy.DEFAULT,
    )
    machines: Mapping[Flavour, Machine] = field(default_factory=lambda: MACHINES)

    def has(self, habit: Habit) -> bool:
        """Whether the release does it."""
        return habit.value.first <= self.version <= habit.value.last

    def machine(self, elf: Elf) -> Machine:
        """The machine that the main program is for."""
        return self.machines.get(flavour(elf), UNKNOWN_MACHINE)


GLIBC = Rules()


def flavour(elf: Elf) -> Flavour:
    """Whose ld.so runs the object."""
    is_soft = elf.machine == EM_ARM and bool(elf.flags & EF_ARM_ABI_FLOAT_SOFT)
    return Flavour(elf.machine, elf.elf_class, elf.little_endian, is_soft)


def default_directories(machine: Machine, interpreter: str) -> tuple[str, ...]:
    """The directories compiled into ld.so; Debian's multiarch ld.so lies in one of them itself."""
    names: tuple[str, ...]
    if machine.triplet in interpreter:
        names = (f"lib/{machine.triplet}", f"usr/lib/{machine.triplet}", "lib", "usr/lib")
    else:
        names = (machine.lib, f"usr/{machine.lib}")
    return tuple(f"/{name}/" for name in names)


def lib_token(machine: Machine, interpreter: str) -> str:
    """What $LIB stands for."""
    return f"lib/{machine.triplet}" if machine.triplet in interpreter else machine.lib


def subdirectories(rules: Rules, machine: Machine) -> tuple[str, ...]:
    """What is tried below each directory, best first, before the directory itself."""
    found: tuple[str, ...] = ()
    if rules.has(Habit.HWCAPS_SUBDIRECTORIES):
        found += tuple(f"glibc-hwcaps/{level}/" for level in rules.levels)
    if rules.has(Habit.LEGACY_SUBDIRECTORIES):
        names = [name for name in (rules.platform or machine.platform, machine.hwcap) if name]
        legacy = dict.fromkeys(("/".join((*names, "")), *(f"{name}/" for name in names)))
        found += (*(f"tls/{one}" for one in legacy), "tls/", *legacy)
    return found


def asks_for_executable_stack(elf: Elf, machine: Machine) -> bool:
    """By its PT_GNU_STACK, or by having none where that means the same (elf/dl-load.c)."""
    if elf.stack_flags is None:
        return machine.has_executable_stack
    return bool(elf.stack_flags & PF_X)
