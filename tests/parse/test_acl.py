"""The extended attribute system.posix_acl_access."""

import contextlib
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostprobe.facts.access import AccessControlList, AclEntry, AclTag
from hostprobe.parse.acl import parse_acl
from hostprobe.parse.error import ParseError

NOBODY = 0xFFFFFFFF


def packed(*entries, version=2):
    return struct.pack("<I", version) + b"".join(struct.pack("<HHI", *one) for one in entries)


GOOD = packed((1, 6, NOBODY), (2, 4, 33), (4, 0, NOBODY), (16, 4, NOBODY), (32, 0, NOBODY))


def test_every_entry_is_read_in_order():
    assert parse_acl(GOOD) == AccessControlList(
        (
            AclEntry(AclTag.USER_OBJ, 6, NOBODY),
            AclEntry(AclTag.USER, 4, 33),
            AclEntry(AclTag.GROUP_OBJ, 0, NOBODY),
            AclEntry(AclTag.MASK, 4, NOBODY),
            AclEntry(AclTag.OTHER, 0, NOBODY),
        )
    )


@pytest.mark.parametrize(
    "data",
    [b"", b"\2\0", packed(version=1), GOOD[:-1], packed((3, 4, 0)), packed((1, 8, 0))],
    ids=["empty", "short", "version", "cut", "tag", "permissions"],
)
def test_anything_else_is_a_parse_error(data):
    with pytest.raises(ParseError):
        parse_acl(data)


@given(st.binary(max_size=40).map(lambda data: b"\2\0\0\0" + data) | st.binary(max_size=40))
def test_any_bytes_are_an_acl_or_a_parse_error(data):
    with contextlib.suppress(ParseError):
        assert isinstance(parse_acl(data), AccessControlList)
