"""Logical lines of a configuration file."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostprobe.parse import httpd_config as module
from hostprobe.parse.error import ParseError
from hostprobe.parse.httpd_config import LONGEST_LINE, parse_httpd_config


def lines(data):
    return [(line.first, line.last, line.text) for line in parse_httpd_config(data).lines]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", []),
        (b"a b\n", [(1, 1, "a b")]),
        (b"a b", [(1, 1, "a b")]),
        (b"\n \t\v\f\r\n# c\n  x  \r\n", [(4, 4, "x")]),
        (b"a\\\n b\nc\n", [(1, 2, "a b"), (3, 3, "c")]),
        (b"a\\\r\n b\r\n", [(1, 2, "a b")]),
        (b"# a\\\nb\nc\n", [(3, 3, "c")]),
        (b"  # a \\\n  b \\\nc\nd\n", [(4, 4, "d")]),
        (b"a\\\n# b\n", [(1, 2, "a# b")]),
        (b"a \\ \nb\n", [(1, 1, "a \\"), (2, 2, "b")]),
        (b"a\\\\\nb\n", [(1, 2, "a\\b")]),
        (b"a\\\n", [(1, 1, "a")]),
        (b"a\\", [(1, 1, "a\\")]),
        (b"a\\\n\\\n\\\nb", [(1, 4, "ab")]),
        (b"a\0b\nc\n", [(1, 1, "a"), (2, 2, "c")]),
        (b"a\\\0\nc\n", [(1, 1, "a\\"), (2, 2, "c")]),
        (b"a\rb\n", [(1, 1, "a\rb")]),
        ("é \u00a0\n\u00a0".encode(), [(1, 1, "é \u00a0"), (2, 2, "\u00a0")]),
        (b"\xff x\n", [(1, 1, "\udcff x")]),
        (b"a # b\n", [(1, 1, "a # b")]),
    ],
)
def test_lines_are_joined_then_stripped_then_tested_for_comments(data, expected):
    assert lines(data) == expected


@pytest.mark.parametrize(
    "piece", [b"x" * LONGEST_LINE + b"y", (b"x" * 9999 + b"\\\n") * (LONGEST_LINE // 10000 + 1)]
)
def test_a_line_that_httpd_refuses_is_refused_with_its_number(piece):
    with pytest.raises(ParseError, match=r"line \d+ is longer than 16 MiB"):
        parse_httpd_config(b"a\n" + piece + b"\nb\n")


def test_a_long_file_of_short_lines_is_not_a_long_line():
    line = b"#" + b"x" * 9999 + b"\n"
    assert lines(line * (LONGEST_LINE // 9999) + b"a\n")[-1][2] == "a"


@given(st.binary())
def test_any_bytes_give_lines_in_order(data):
    found = parse_httpd_config(data).lines
    assert all(line.first <= line.last for line in found)
    assert all(one.last < other.first for one, other in pairwise(found))
    assert all(line.text and line.text[0] != "#" for line in found)


def test_a_file_of_too_many_lines_is_refused(monkeypatch):
    monkeypatch.setattr(module, "MOST_LINES", 3)
    assert len(parse_httpd_config(b"A\nB\nC\nD").lines) == 4
    with pytest.raises(ParseError, match="more than 3 lines"):
        parse_httpd_config(b"\\\n#\n\nD\n")
