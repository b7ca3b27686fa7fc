"""Texts of libaprutil."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostprobe.facts.apr import AprUtilBuild
from hostprobe.parse.apr_util import parse_apr_util
from hostprobe.parse.error import ParseError

FULL = b"x\0apr_ldap-1.so\0apr_dbd_%s-1.so\0apr_dbd_%s_driver\0apr-util-1/\0/usr/lib64/apr-util-1\0"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (FULL, AprUtilBuild(("apr_dbd_%s-1.so", "apr_ldap-1.so"), "/usr/lib64/apr-util-1")),
        (b"\0apr_dbd_init\0", AprUtilBuild((), None)),
        (b"\0apr_dbm_%s-2.so\0apr-util-2\0", AprUtilBuild(("apr_dbm_%s-2.so",), None)),
    ],
)
def test_drivers_and_their_directory(data, expected):
    assert parse_apr_util(data) == expected


@given(st.binary() | st.binary().map(lambda data: b"\0apr_" + data))
def test_other_bytes_are_a_parse_error_or_a_build(data):
    try:
        assert isinstance(parse_apr_util(data), AprUtilBuild)
    except ParseError:
        assert b"\0apr_" not in data
