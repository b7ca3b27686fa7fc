"""Marks of a compiled Python module: texts, and the slots of its PyModuleDef.

The definition is found by its name: PyInit_NAME is exported, and the relocations show which
pointers hold the address of that text. Nothing is run.
"""

import re
import struct
from collections.abc import Iterable, Iterator
from itertools import islice

from hostprobe.facts.extension import (
    GIL,
    MULTIPLE_INTERPRETERS,
    ExtensionTexts,
    ModuleDefinitions,
    ModuleSlots,
)
from hostprobe.parse.elf_data import DT_STRSZ, DT_STRTAB, LONGEST_NAME, Header, Image
from hostprobe.parse.error import ParseError

REFUSALS = (
    # Cython since 0.29 (__Pyx_check_single_interpreter, Cython/Utility/ModuleSetupCode.c).
    b"Interpreter change detected - this module can only be loaded into one interpreter",
    # PyO3 (src/impl_/pymodule.rs), and before it could tell interpreters apart.
    b"PyO3 modules do not yet support subinterpreters",
    b"PyO3 modules may only be initialized once per interpreter process",
    # The opt-out of CPython's "Isolating Extension Modules"; numpy 2.
    b"cannot load module more than once per process",
    # A warning (numpy/_core/src/multiarray/multiarraymodule.c).
    b"NumPy does not properly support sub-interpreters",
)
SWIG = (b"SwigPyObject\0", b"swigvarlink\0")
INIT = re.compile(rb"\0PyInit_(\w{1,200})(?=\0)")
DOTTED = re.compile(rb"[\w.]{1,200}\Z")
PF_X, PF_W = 1, 2
DT_REL, DT_RELR = 17, 36
MOST_MODULES, MOST_PLACES, MOST_SLOTS = 32, 32, 32
"""PyInit_ functions of one object, places of one name, slots of one definition."""

ZEROS = range(-4, 0)
"""Words before m_name that PyModuleDef_HEAD_INIT leaves zero: type, m_init, m_index, m_copy."""

TO_SLOTS = 4
"""Words from m_name to m_slots (struct PyModuleDef of Python 3.5 to 3.14, with and without GIL)."""


def parse_extension_texts(data: bytes) -> ExtensionTexts:
    """The known texts; ParseError when it is no ELF object. Takes a millisecond per MB."""
    image = image_of(data)
    return ExtensionTexts(
        refusals=tuple(text.decode() for text in REFUSALS if is_inside(image, text)),
        has_swig=any(is_inside(image, mark) for mark in SWIG),
    )


def parse_module_definitions(data: bytes) -> ModuleDefinitions:
    """Slots of every module of the object; ParseError when it is no ELF object."""
    image = image_of(data)
    try:
        names = {module: tuple(names_of(image, module)) for module in modules(image)}
        holders = holders_of(image, {address for each in names.values() for address in each})
        found = tuple(
            one
            for module, addresses in names.items()
            for one in definitions(image, module, [holders.get(each, ()) for each in addresses])
        )
    except (struct.error, IndexError, OverflowError) as error:
        raise ParseError(f"damaged ELF object: {error}") from error
    return ModuleDefinitions(found)


def image_of(data: bytes) -> Image:
    """ParseError for whatever is no ELF object."""
    try:
        return Image.of(data)
    except (struct.error, IndexError, OverflowError) as error:
        raise ParseError(f"damaged ELF object: {error}") from error


def is_inside(image: Image, text: bytes) -> bool:
    """Whether the object's constants or data have it."""
    return next(places(image, text), None) is not None


def places(image: Image, text: bytes) -> Iterator[int]:
    """Addresses of a text outside of the code, which old linkers do not set apart."""
    has_constants = any(not one.flags & (PF_X | PF_W) for one in image.segments)
    for segment in image.segments:
        if not (has_constants and segment.flags & PF_X):
            yield from occurrences(image, segment, text)


def occurrences(image: Image, segment: Header, text: bytes) -> Iterator[int]:
    """Addresses of a text in one segment."""
    start, end = segment.offset, segment.offset + segment.size
    position = image.data.find(text, start, end)
    while position >= 0:
        yield position - start + segment.address
        position = image.data.find(text, position + 1, end)


def modules(image: Image) -> tuple[str, ...]:
    """Names of the modules that the object initialises."""
    start = image.offset(image.tags.get(DT_STRTAB, -1))
    if start is None:
        return ()
    strings = image.data[start : start + image.tags.get(DT_STRSZ, 0)]
    found = islice(INIT.finditer(strings), MOST_MODULES)
    return tuple(dict.fromkeys(match[1].decode("ascii") for match in found))


Holders = dict[int, list[int]]
"""Address -> addresses of the pointers that hold it after relocation, load address 0."""


def holders_of(image: Image, wanted: set[int]) -> Holders:
    """Who points to the wanted addresses: by relocations without a symbol, or in place."""
    entry = struct.Struct(image.order + 3 * image.code)
    whole = len(image.relocations) // entry.size * entry.size
    bits = 32 if image.word == 8 else 8
    found: Holders = {address: [] for address in wanted}
    for place, info, addend in entry.iter_unpack(image.relocations[:whole]):
        if addend in wanted and not info >> bits and len(found[addend]) < MOST_PLACES:
            found[addend].append(place)
    if image.tags.keys() & {DT_REL, DT_RELR}:
        for address, found_places in found.items():
            found_places.extend(pointers_in_place(image, address))
    return found


def pointers_in_place(image: Image, address: int) -> Iterator[int]:
    """REL and RELR leave the addend in the data."""
    wanted = struct.pack(image.order + image.code, address)
    for segment in image.segments:
        if segment.flags & PF_W:
            found = islice(occurrences(image, segment, wanted), MOST_PLACES)
            yield from (one for one in found if one % image.word == 0)


def definitions(
    image: Image, module: str, places: Iterable[Iterable[int]]
) -> Iterator[ModuleSlots]:
    """The slots of the module's definition; nothing where two objects look like it."""
    found = {
        slots for each in places for place in each if (slots := slots_at(image, place, module))
    }
    if len(found) == 1:
        yield from found


def names_of(image: Image, module: str) -> Iterator[int]:
    """Addresses of C strings that are the module's name, alone or behind its package."""
    for address in islice(places(image, module.encode() + b"\0"), MOST_PLACES):
        yield address
        offset = image.offset(address)
        before = image.data[max(offset - LONGEST_NAME, 0) : offset] if offset else b""
        if before.endswith(b".") and (match := DOTTED.search(before)):
            yield address - len(match[0])


def slots_at(image: Image, name: int, module: str) -> ModuleSlots | None:
    """The slots of a PyModuleDef whose m_name is at that address; None when it is none."""
    table = image.pointer(name + TO_SLOTS * image.word)
    if not table or any(image.pointer(name + index * image.word) for index in ZEROS):
        return None
    slots = dict(entries(image, table))
    if 0 not in slots:
        return None
    return ModuleSlots(module, slots.get(MULTIPLE_INTERPRETERS), slots.get(GIL))


def entries(image: Image, table: int) -> Iterator[tuple[int, int]]:
    """Slot number and value, the closing zero included where there is one."""
    for index in range(MOST_SLOTS):
        address = table + 2 * index * image.word
        number = image.integer(address, 4)
        if image.is_mapped(address):
            yield number, image.pointer(address + image.word) if number else 0
        if not number:
            return
