"""The space for static TLS: what a program start leaves of it, and what dlopened objects take.

Objects that use the initial-exec model (DF_STATIC_TLS) need their variables at a fixed distance
from the thread pointer. ld.so lays out those of the program's start and adds a surplus
(`_dl_determine_tlsoffset`, `_dl_tls_static_surplus_init` in glibc's elf/dl-tls.c), from which it
serves what is opened later (`_dl_try_allocate_static_tls` in elf/dl-reloc.c).

Exact for x86 and s390x, whose blocks lie below the thread pointer, where every block begins
aligned; on other processors the sizes are the same but for padding. TLS descriptors may take up to
512 bytes of the surplus besides, which fails nothing and is left out.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from hostprobe.facts.elf import DF_STATIC_TLS, STT_TLS, Elf, Tls
from hostprobe.model.loader.objects import LoadedObject

TCB_ALIGNMENT = 64
IN_LIBC, IN_OTHERS, LEGACY = 144, 144, 144
"""Bytes that elf/dl-tls.c reserves for each namespace and for history."""

NAMESPACES, MOST_NAMESPACES, OPTIONAL = 4, 16, 512
TUNABLE = re.compile(r"(?:^|:)glibc\.rtld\.(nns|optional_static_tls)=(0x[0-9a-fA-F]+|\d+)(?=:|$)")


@dataclass(frozen=True, slots=True)
class Space:
    """Of one process."""

    size: int
    """Bytes, the surplus included."""

    used: int
    alignment: int

    @property
    def free(self) -> int:
        """Bytes that are left, padding included."""
        return self.size - self.used

    def take(self, block: Tls) -> "Space | None":
        """After one block; None where it does not fit."""
        alignment = max(block.alignment, 1)
        if alignment > self.alignment or block.size > self.free:
            return None
        step = (self.free - block.size) // alignment
        return Space(self.size, self.size - step * alignment, self.alignment)


@dataclass(frozen=True, slots=True)
class Shortage:
    """The first object that gets no space."""

    object: LoadedObject
    block: Tls
    free: int
    """Bytes that were left for it."""

    takers: tuple[LoadedObject, ...]
    """Who took of the surplus before."""


def surplus(environment: Mapping[str, str]) -> int:
    """Bytes beyond what the program starts with; 1664 unless tunables say otherwise."""
    told = {name: int(value, 0) for name, value in tunables(environment)}
    optional, namespaces = told.get("optional_static_tls", OPTIONAL), told.get("nns", NAMESPACES)
    if not 1 <= namespaces <= MOST_NAMESPACES:
        namespaces = NAMESPACES
    return (namespaces - 1) * IN_LIBC + namespaces * IN_OTHERS + optional + LEGACY


def tunables(environment: Mapping[str, str]) -> list[tuple[str, str]]:
    """(name, number) of those in GLIBC_TUNABLES that matter here, the last one last."""
    return TUNABLE.findall(environment.get("GLIBC_TUNABLES", ""))


def space_at_start(objects: Iterable[LoadedObject], environment: Mapping[str, str]) -> Space:
    """After the program's own objects, in load order; small blocks fill gaps of alignment."""
    offset, low, high, alignment = 0, 0, 0, TCB_ALIGNMENT
    for block in (one.elf.tls for one in objects if one.elf.tls):
        step = max(block.alignment, 1)
        alignment = max(alignment, step)
        inside = round_up(low + block.size, step)
        if high - low >= block.size and inside <= high:
            low = inside
            continue
        end = round_up(offset + block.size, step)
        if end > offset + block.size + (high - low):
            low, high = offset, end - block.size
        offset = end
    return Space(round_up(offset + surplus(environment), alignment), offset, alignment)


def round_up(number: int, step: int) -> int:
    """The next multiple."""
    return -(-number // step) * step


def shortage(space: Space, opened: Iterable[LoadedObject]) -> Shortage | None:
    """What the objects opened later, in this order, take; None where all have space."""
    late = tuple(opened)
    wanted = {name for one in late for name in wanted_elsewhere(one.elf)}
    takers: list[LoadedObject] = []
    for one in late:
        block = one.elf.tls
        if block is None or not (is_static(one.elf) or defines(one.elf, wanted)):
            continue
        after = space.take(block)
        if after is None:
            return Shortage(one, block, space.free, tuple(takers))
        space = after
        takers.append(one)
    return None


def is_static(elf: Elf) -> bool:
    """It uses the initial-exec model."""
    return bool(elf.dt_flags & DF_STATIC_TLS)


def wanted_elsewhere(elf: Elf) -> Iterable[bytes]:
    """Variables of others that it wants in static TLS."""
    if not is_static(elf):
        return ()
    return (one.name for one in elf.references if one.type == STT_TLS and not one.defined)


def defines(elf: Elf, wanted: set[bytes]) -> bool:
    """It has one of the wanted variables."""
    return any(
        definition.type == STT_TLS
        for name in wanted
        for definition in elf.definitions.get(name, ())
    )
