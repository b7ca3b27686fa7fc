"""Compiled time zones."""

import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostprobe.facts.zone import ZoneFile
from hostprobe.parse.error import ParseError
from hostprobe.parse.zone import parse_zone


def block(version, code, times=(), offsets=(0,)):
    """Transitions to the types in turn."""
    header = struct.pack(">4sc15x6l", b"TZif", version, 0, 0, 0, len(times), len(offsets), 4)
    indices = bytes((number + 1) % len(offsets) for number in range(len(times)))
    types = b"".join(struct.pack(">lBB", offset, 0, 0) for offset in offsets)
    return header + struct.pack(f">{len(times)}{code}", *times) + indices + types + b"ABC\0"


OLD = block(b"\0", "l", (5, 6), (60, 120))
NEW = block(b"2", "l") + block(b"2", "q", (1 << 40,), (60, 120)) + b"\nABC-2\n"


def test_a_file_of_version_one():
    assert parse_zone(OLD) == ZoneFile(60, ((5, 120), (6, 60)), "")


def test_the_long_block_of_a_newer_file():
    assert parse_zone(NEW) == ZoneFile(60, ((1 << 40, 120),), "ABC-2")


@pytest.mark.parametrize(
    ("data", "part"),
    [
        (b"", "not a compiled"),
        (b"TZif", "not a compiled"),
        (OLD[:-9], "cut off"),
        (NEW[:60], "not a compiled"),
        (NEW[:-7], "last line"),
        (NEW[:-1], "last line"),
        (block(b"\0", "l", offsets=()), "counts"),
        (struct.pack(">4sc15x6l", b"TZif", b"\0", 0, 0, 0, -1, 1, 0), "counts"),
        (struct.pack(">4sc15x6l", b"TZif", b"\0", 0, 0, 0, 1 << 30, 1, 0), "cut off"),
        (OLD.replace(b"\1\0", b"\7\0", 1), "unknown type"),
    ],
)
def test_anything_else_is_an_error(data, part):
    with pytest.raises(ParseError, match=part):
        parse_zone(data)


@given(st.binary() | st.tuples(st.sampled_from([OLD, NEW]), st.integers(0, 140), st.binary()).map(
    lambda edit: edit[0][: edit[1]] + edit[2] + edit[0][edit[1] + len(edit[2]) :]
))  # fmt: skip
def test_nothing_but_a_parse_error_escapes(data):
    try:
        found = parse_zone(data)
    except ParseError:
        return
    assert isinstance(found, ZoneFile)


@pytest.mark.skipif(not Path("/usr/share/zoneinfo/CET").exists(), reason="no tzdata here")
def test_a_real_file():
    assert parse_zone(Path("/usr/share/zoneinfo/Europe/Berlin").read_bytes()).rule == (
        "CET-1CEST,M3.5.0,M10.5.0/3"
    )
