"""The extended attribute security.capability."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostprobe.facts.capability import FileCapabilities
from hostprobe.parse.capability import parse_capabilities
from hostprobe.parse.error import ParseError

BIND = bytes.fromhex("0100000200040000000000000000000000000000")


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (BIND, FileCapabilities(1 << 10, is_effective=True)),
        (BIND.replace(b"\2", b"\3", 1) + bytes(4), FileCapabilities(1 << 10, is_effective=True)),
        (bytes.fromhex("000000010004000000000000"), FileCapabilities(1 << 10, is_effective=False)),
        (bytes.fromhex("00000002") + bytes(8) + b"\1" + bytes(7), FileCapabilities(1 << 32, False)),
    ],
)
def test_permitted_capabilities(data, expected):
    assert parse_capabilities(data) == expected


@given(st.binary(max_size=40))
def test_other_bytes_are_a_parse_error(data):
    with contextlib.suppress(ParseError):
        assert isinstance(parse_capabilities(data), FileCapabilities)
