"""What the ELF reader refuses, in bounded time and memory."""

import struct

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hostprobe.parse.elf import parse_elf
from hostprobe.parse.elf.limits import MAX_DYNAMIC_ENTRIES, MAX_SAME_NAME, MAX_SUFFIX_BYTES
from hostprobe.parse.error import ParseError
from tests.parse.elf_image import (
    BASE,
    FLAVOURS,
    GLOB_DAT,
    JUMP_SLOT,
    PT_INTERP,
    PT_NOTE,
    PT_TLS,
    ElfImage,
    Sym,
    note,
    parse,
    undefined,
    with_table,
)

BILLION = 1_000_000_000
GNU_HASH, HASH, SYMTAB, STRTAB, STRSZ, RELASZ, VERNEED = 0x6FFFFEF5, 4, 6, 5, 10, 8, 0x6FFFFFFE


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({"kind": 1}, "e_type is 1"),
        ({"kind": 4}, "e_type is 4"),
        ({"tags": [(STRTAB, 0x10)]}, "no segment"),
        ({"tags": [(STRSZ, BILLION)]}, "limit"),
        ({"tags": [(STRSZ, 1 << 20)]}, "needs 1048576 bytes"),
        ({"tags": [(14, 9_999)]}, "offset 9999"),
        ({"tags": [(0x6FFFFFFB, 0)] * (MAX_DYNAMIC_ENTRIES + 1)}, "limit"),
        ({"symbols": [Sym("f")], "tags": [(11, 25)]}, "DT_SYMENT is 25"),
        ({"symbols": [Sym("f")], "tags": [(SYMTAB, BASE + 0x7FFFFFFF)]}, "no segment"),
        ({"symbols": [Sym("f")], "tags": [(GNU_HASH, 1)]}, "no segment"),
        ({"symbols": [Sym("f")], "hash": "sysv", "tags": [(HASH, 1)]}, "no segment"),
        ({"rela": [(1, 6)]}, "no DT_SYMTAB"),
        ({"symbols": [Sym("f")], "rela": [(99, 6)]}, "symbol table"),
        ({"symbols": [Sym("f")], "rela": [(BILLION, 6)]}, "limit"),
        ({"symbols": [Sym("f")], "rela": [(1, 6)], "tags": [(RELASZ, 24 * BILLION)]}, "limit"),
        ({"symbols": [Sym("f")], "rela": [(1, 6)], "tags": [(RELASZ, 1 << 20)]}, "needs"),
        ({"symbols": [Sym("f")], "rela": [(1, 6)], "tags": [(9, 12)]}, "takes 12 bytes"),
        ({"tags": [(RELASZ, 24)]}, "no address"),
        ({"tags": [(VERNEED, 7)]}, "no segment"),
        ({"symbols": [Sym("f")] * (MAX_SAME_NAME + 1)}, "definitions"),
        ({"segments": [(PT_INTERP, bytes(5_000))]}, "5000 bytes"),
    ],
)
def test_what_cannot_be_is_refused_with_the_reason(parts, message):
    with pytest.raises(ParseError, match=message):
        parse(**parts)


def test_a_cycle_in_a_sysv_chain_is_refused():
    table = struct.pack("<7I", 1, 4, 3, 0, 0, 3, 2)
    with pytest.raises(ParseError, match="symbol 3 twice"):
        parse_elf(with_table(HASH, table, symbols=[Sym("a"), Sym("b"), Sym("c")], hash="none"))


def test_a_sysv_chain_that_leaves_the_table_is_refused():
    table = struct.pack("<5I", 1, 2, 77, 0, 0)
    with pytest.raises(ParseError, match="symbol 77 of 2"):
        parse_elf(with_table(HASH, table, symbols=[Sym("a")], hash="none"))


def test_a_gnu_chain_without_an_end_is_refused():
    table = struct.pack("<4IQI", 1, 1, 1, 0, 0, 1) + b"\2\0\0\0" * 64
    with pytest.raises(ParseError, match="has no end"):
        parse_elf(with_table(GNU_HASH, table, symbols=[Sym("a")], hash="none"))


@pytest.mark.parametrize("step", [1, 16])
def test_a_crowded_version_chain_is_refused(step):
    entry = struct.pack("<HHIII", 1, 1, 0, 0, step)
    table = entry * 40_000 if step == 16 else b"\1\0\0\0" * 100_000
    with pytest.raises(ParseError, match=r"limit|string|segment"):
        parse_elf(with_table(VERNEED, table))


def test_overlapping_names_are_bounded():
    length = 200_000
    raw = bytearray(with_long_name(length, count=2 * MAX_SUFFIX_BYTES // length))
    with pytest.raises(ParseError, match="overlapping names"):
        parse_elf(bytes(raw))


def with_long_name(length, count):
    """Symbols whose names all begin at another place of one long string."""
    data = ElfImage(symbols=[Sym("n" * length)] * (count + 1)).build()
    table = bytearray(data)
    first = struct.unpack_from("<I", data, 64 + 56 * 3 + 24)[0]
    for number in range(count):
        struct.pack_into("<I", table, 64 + 56 * 3 + 24 * (number + 2), first + number + 1)
    return table


def test_a_file_that_ends_before_its_segment_is_called_truncated():
    data = ElfImage(symbols=[Sym("f")]).build()
    with pytest.raises(ParseError, match="truncated"):
        parse_elf(data[:-1])


RICH = ElfImage(
    symbols=[undefined("wanted", version=2), Sym("own", version=3), Sym("two", version=3)],
    unhashed=1,
    versym=True,
    needs=[("libc.so.6", [("GLIBC_2.5", 0, 2)])],
    nodes=[("lib.so", 1, 1), ("V1", 0, 3)],
    rela=[(1, GLOB_DAT)],
    jmprel=[(1, JUMP_SLOT)],
    strings={14: "lib.so", 1: ["libc.so.6"]},
    segments=[(PT_INTERP, b"/lib/ld.so\0"), (PT_NOTE, note(3, b"GNU\0", b"1234")), (PT_TLS, b"1")],
)
IMAGES = [
    ElfImage(**{**vars(RICH), **flavour, "hash": kind}).build()
    for flavour in FLAVOURS
    for kind in ("gnu", "sysv")
]


def only_parse_error_escapes(data):
    try:
        parse_elf(data)
    except ParseError as error:
        assert str(error)  # noqa: PT017  (most damage is not an error)


@pytest.mark.parametrize("data", IMAGES)
def test_truncation_at_every_length_is_a_parse_error(data):
    for length in range(len(data)):
        with pytest.raises(ParseError):
            parse_elf(data[:length])


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=600)
@given(
    st.sampled_from(IMAGES),
    st.lists(st.tuples(st.integers(0, 4_000), st.integers(0, 255)), min_size=1, max_size=6),
)
def test_damaged_objects_give_facts_or_a_parse_error(data, damage):
    damaged = bytearray(data)
    for position, value in damage:
        damaged[position % len(data)] = value
    only_parse_error_escapes(bytes(damaged))


@given(st.binary(max_size=400))
def test_any_bytes_give_facts_or_a_parse_error(data):
    only_parse_error_escapes(data)
    only_parse_error_escapes(b"\x7fELF\x02\x01\x01" + data)
    only_parse_error_escapes(b"\x7fELF\x01\x02\x01" + data)
