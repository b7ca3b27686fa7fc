"""Objects that claim more than a file can hold are refused at once, whatever their flavour."""

import struct
import time
import tracemalloc
from contextlib import contextmanager

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hostprobe.collect.elf import ranges_of, tables
from hostprobe.parse.elf import parse_elf
from hostprobe.parse.error import ParseError
from tests.parse.elf_image import BASE, FLAVOURS, GLOB_DAT, ElfImage, Sym, undefined, with_table
from tests.real.foreign_debs import (
    ARCHITECTURES,
    CROSS_ARCHITECTURES,
    objects,
    of_cross_compiler,
    of_release,
)

BILLION = 1_000_000_000
LIMIT = 16 << 20
"""Bytes that a refusal may take."""

SYMBOLS = {"symbols": [undefined("wanted"), Sym("own")], "unhashed": 1}
GNU_HASH, HASH, STRTAB, SYMTAB, STRSZ, VERSYM = 0x6FFFFEF5, 4, 5, 6, 10, 0x6FFFFFF0
RELA, RELASZ, JMPREL, PLTRELSZ, VERNEED, VERDEF = 7, 8, 23, 2, 0x6FFFFFFE, 0x6FFFFFFC

each_flavour = pytest.mark.parametrize(
    "flavour", FLAVOURS, ids=lambda one: "-".join(map(str, one.values())) or "x86-64"
)


@contextmanager
def cheap():
    """Half a second of processor time and LIMIT."""
    tracemalloc.start()
    started = time.process_time()
    try:
        yield
        spent, peak = time.process_time() - started, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert spent < 0.5
    assert peak < LIMIT


def refused(data, message):
    with cheap(), pytest.raises(ParseError, match=message):
        parse_elf(data)


def words(flavour, tag, *values):
    wide = tag == HASH and flavour.get("machine") == 22 and flavour.get("bits") == 64
    order = ">" if flavour.get("big") else "<"
    return struct.pack(f"{order}{len(values)}{'Q' if wide else 'I'}", *values) + bytes(64)


@each_flavour
@pytest.mark.parametrize("tag", [HASH, GNU_HASH])
@pytest.mark.parametrize(
    "claim", [(BILLION, BILLION, 1), (1, BILLION, 1), (0, BILLION, 0), (3 * BILLION, 1, 1)]
)
def test_hash_tables(flavour, tag, claim):
    table = words(flavour, tag, *claim)
    data = with_table(tag, table, symbols=[Sym("f")], hash="none", **flavour)
    refused(data, r"limit|segment|needs")


@each_flavour
def test_a_bucket_that_starts_at_a_billion(flavour):
    bloom = 2 if flavour.get("bits", 64) == 64 else 1
    table = words(flavour, GNU_HASH, 1, 1, 1, 0, *[0] * bloom, BILLION)
    refused(with_table(GNU_HASH, table, symbols=[Sym("f")], hash="none", **flavour), "limit")


@each_flavour
@pytest.mark.parametrize("tag", [STRSZ, RELASZ, PLTRELSZ])
def test_sizes_of_tables(flavour, tag):
    tags = [(tag, 3 * BILLION), (JMPREL, BASE)]
    refused(ElfImage(**SYMBOLS, rela=[(1, GLOB_DAT)], tags=tags, **flavour).build(), "limit|needs")


@each_flavour
def test_a_relocation_of_the_symbol_with_the_highest_number(flavour):
    highest = (1 << 24) - 1 if flavour.get("bits") == 32 else BILLION
    data = ElfImage(**SYMBOLS, rela=[(highest, GLOB_DAT)], **flavour).build()
    refused(data, "limit|symbol table")


@each_flavour
def test_tables_that_all_lie_on_one_another(flavour):
    tags = [(tag, BASE) for tag in (STRTAB, SYMTAB, VERSYM, GNU_HASH, RELA, VERNEED, VERDEF)]
    data = ElfImage(**SYMBOLS, rela=[(1, GLOB_DAT)], tags=tags, **flavour).build()
    with cheap():
        facts_or_refusal(data)


def facts_or_refusal(data):
    try:
        parse_elf(data)
    except ParseError as error:
        assert str(error)  # noqa: PT017  (damage may leave facts)


def small_object(architecture):
    """A small real object with relocations and versions, and the places that a parser reads."""
    is_released = architecture in ARCHITECTURES
    tree = of_release(architecture) if is_released else of_cross_compiler(architecture)
    path = min(
        (one for one in objects(tree) if parse_elf(one.read_bytes()).version_needs),
        key=lambda one: one.stat().st_size,
    )
    data = path.read_bytes()
    with path.open("rb") as file:
        ranges = [*ranges_of(file.fileno(), data[:4096], len(data), tables), (0, 64)]
    return data, sorted({at for start, size in ranges for at in range(start, start + size)})


@pytest.mark.real
@pytest.mark.parametrize("architecture", [*ARCHITECTURES, *CROSS_ARCHITECTURES])
def test_a_damaged_real_object_of_any_architecture_gives_facts_or_a_parse_error(architecture):
    data, places = small_object(architecture)
    changes = st.tuples(st.sampled_from(places), st.sampled_from([0, 1, 4, 0x7F, 0x80, 0xFF]))

    @settings(suppress_health_check=list(HealthCheck), deadline=2_000, max_examples=150)
    @given(st.lists(changes, min_size=1, max_size=8))
    def damage(changed):
        damaged = bytearray(data)
        for place, value in changed:
            damaged[place] = value
        facts_or_refusal(bytes(damaged))

    damage()
