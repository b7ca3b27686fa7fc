import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostprobe.parse.elf.decoder import Segment
from hostprobe.parse.elf.layouts import LAYOUTS, segments
from hostprobe.parse.elf_ranges import (
    Range,
    dynamic_range,
    header_range,
    small_ranges,
    table_ranges,
    whole,
)

ALL = list(LAYOUTS.values())
LOAD = Segment(1, 5, 0x1000, 0x401000, 0x5000, 0x5000, 0x1000)
NUMBERS = {"symtab": 6, "strtab": 5, "strsz": 10, "rela": 7, "relasz": 8, "verneed": 0x6FFFFFFE}

each_layout = pytest.mark.parametrize("layout", ALL, ids=lambda one: f"{one.bits}{one.order}")


def ranges(layout, **tags):
    entries = (layout.dynamic.pack(NUMBERS[name], value) for name, value in tags.items())
    return list(table_ranges(layout, (LOAD,), b"".join(entries)))


@each_layout
def test_from_the_first_table_to_the_end_of_the_last(layout):
    tags = {"symtab": 0x401100, "strtab": 0x401400, "strsz": 0x80, "rela": 0x401500}
    assert ranges(layout, **tags, relasz=0x300) == [Range(0x1100, 0x700)]


@each_layout
def test_a_last_table_without_size_takes_the_rest_of_the_segment(layout):
    assert ranges(layout, symtab=0x401100, verneed=0x401500) == [Range(0x1100, 0x4F00)]


@each_layout
def test_a_size_behind_the_segment_is_cut(layout):
    assert ranges(layout, strtab=0x401100, strsz=1 << 31) == [Range(0x1100, 0x4F00)]


@each_layout
def test_a_segment_without_tables_is_not_read(layout):
    assert ranges(layout, symtab=0x900000) == []


@given(st.sampled_from(ALL), st.binary(max_size=200), st.binary(max_size=600))
def test_any_bytes_give_ranges(layout, head, table):
    header_range(layout, head)
    found = segments(layout, whole(table, layout.segment.size))
    list(small_ranges(found))
    dynamic_range(found)
    for offset, size in table_ranges(layout, found, table):
        assert offset >= 0
        assert size >= 0
