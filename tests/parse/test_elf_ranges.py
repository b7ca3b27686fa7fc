import struct

from hypothesis import given
from hypothesis import strategies as st

from hostprobe.parse.elf_ranges import (
    Range,
    Segment,
    dynamic_range,
    header_range,
    segments,
    small_ranges,
    table_ranges,
)

LOAD = Segment(1, 0x1000, 0x401000, 0x5000)


def dynamic(**tags):
    numbers = {"symtab": 6, "strtab": 5, "strsz": 10, "rela": 7, "relasz": 8, "verneed": 0x6FFFFFFE}
    return b"".join(struct.pack("<qQ", numbers[name], value) for name, value in tags.items())


def test_from_the_first_table_to_the_end_of_the_last():
    tags = dynamic(symtab=0x401100, strtab=0x401400, strsz=0x80, rela=0x401500, relasz=0x300)
    assert list(table_ranges((LOAD,), tags)) == [Range(0x1100, 0x700)]


def test_a_last_table_without_size_takes_the_rest_of_the_segment():
    tags = dynamic(symtab=0x401100, verneed=0x401500)
    assert list(table_ranges((LOAD,), tags)) == [Range(0x1100, 0x4F00)]


def test_a_size_behind_the_segment_is_cut():
    tags = dynamic(strtab=0x401100, strsz=1 << 62)
    assert list(table_ranges((LOAD,), tags)) == [Range(0x1100, 0x4F00)]


def test_a_segment_without_tables_is_not_read():
    assert list(table_ranges((LOAD,), dynamic(symtab=0x900000))) == []


@given(st.binary(max_size=200), st.binary(max_size=600))
def test_any_bytes_give_ranges(head, table):
    header_range(b"\x7fELF\x02\x01" + head)
    found = segments(table)
    list(small_ranges(found))
    dynamic_range(found)
    for offset, size in table_ranges(found, table):
        assert offset >= 0
        assert size >= 0
