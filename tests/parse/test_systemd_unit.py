"""The [Service] section of units and drop-ins."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostprobe.parse.systemd_unit import parse_unit


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("[Service]\nA=b", [("A", "b")]),
        ("[Unit]\nA=b\n[Service]\nC = d e \n[Install]\nF=g", [("C", "d e")]),
        ("[Service]\n# A=b\n;C=d\n\nE=", [("E", "")]),
        ("[Service]\nA=b \\\n  c\nD=e", [("A", "b c"), ("D", "e")]),
        ("[Service]\nA=b \\\n# comment\n  c", [("A", "b c")]),
        ("[Service]\nA=x=y", [("A", "x=y")]),
    ],
)
def test_settings_of_the_service_are_read_in_order(text, expected):
    assert list(parse_unit(text.encode()).settings) == expected


@given(st.binary())
def test_any_bytes_are_read(data):
    parse_unit(b"[Service]\n" + data)
