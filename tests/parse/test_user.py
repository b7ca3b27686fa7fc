"""passwd and group: odd lines are what glibc makes of them."""

import contextlib
import ctypes
import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostprobe.facts.user import Account, ProcessCredentials, UserGroup
from hostprobe.parse.error import ParseError
from hostprobe.parse.user import parse_group, parse_passwd, parse_process_credentials

libc = ctypes.CDLL(None, use_errno=True)


class Passwd(ctypes.Structure):
    _fields_ = (
        ("name", ctypes.c_char_p),
        ("password", ctypes.c_char_p),
        ("uid", ctypes.c_uint32),
        ("gid", ctypes.c_uint32),
        ("comment", ctypes.c_char_p),
        ("home", ctypes.c_char_p),
        ("shell", ctypes.c_char_p),
    )


class Group(ctypes.Structure):
    _fields_ = (
        ("name", ctypes.c_char_p),
        ("password", ctypes.c_char_p),
        ("gid", ctypes.c_uint32),
        ("members", ctypes.POINTER(ctypes.c_char_p)),
    )


def entries(function, structure, data):
    """What glibc reads from a file with this content."""
    libc.fdopen.restype = ctypes.c_void_p
    read = getattr(libc, function)
    read.restype, read.argtypes = ctypes.POINTER(structure), (ctypes.c_void_p,)
    with tempfile.TemporaryFile() as file:
        file.write(data)
        file.flush()
        descriptor = os.dup(file.fileno())
        os.lseek(descriptor, 0, os.SEEK_SET)
        stream = libc.fdopen(descriptor, b"r")
        while entry := read(stream):
            yield entry.contents
        libc.fclose(ctypes.c_void_p(stream))


def text(data):
    return (data or b"").decode("utf-8", "surrogateescape")


def is_nis(name):
    return name[:1] in (b"+", b"-")


def passwd_of_glibc(data):
    return tuple(
        Account(text(one.name), one.uid, one.gid, text(one.home))
        for one in entries("fgetpwent", Passwd, data)
        if not is_nis(one.name)
    )


def members(one):
    number = 0
    while name := one.members[number]:
        yield text(name)
        number += 1


def groups_of_glibc(data):
    return tuple(
        UserGroup(text(one.name), one.gid, tuple(members(one)))
        for one in entries("fgetgrent", Group, data)
        if not is_nis(one.name)
    )


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("root:x:0:0:root:/root:/bin/bash", [Account("root", 0, 0, "/root")]),
        ("shop:x:1000:1000", [Account("shop", 1000, 1000, "")]),
        ("shop:x:1000:1000:a, b:/home/shop", [Account("shop", 1000, 1000, "/home/shop")]),
        ("shop:x:1000:", []),
        ("shop:x:1000", []),
        ("shop:x::1000::/:", []),
        ("shop:x:ten:1000::/:", []),
        ("shop:x:10x:1000::/:", []),
        ("  shop:x:1000: 5::/:", [Account("shop", 1000, 5, "/")]),
        ("# shop:x:1000:1000::/:", []),
        ("+", []),
        ("+::::::", []),
        ("+shop::::::", []),
        ("-shop:x:1:1::/:", []),
        ("+@staff::::::", []),
        ("", []),
        ("shop", []),
        (":x:5:5::/:", [Account("", 5, 5, "/")]),
        ("shop:x:99999999999999999999999:1::/:", []),
        ("shop:x:4294967296:1::/:", []),
        ("shop:x:4294967295:1::/:", [Account("shop", 0xFFFFFFFF, 1, "/")]),
    ],
)
def test_a_line_of_passwd_is_read_as_glibc_reads_it(line, expected):
    data = f"{line}\n".encode()
    assert parse_passwd(data).all == tuple(expected)
    assert passwd_of_glibc(data) == tuple(expected)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("www-data:x:33:", [UserGroup("www-data", 33, ())]),
        ("www-data:x:33", [UserGroup("www-data", 33, ())]),
        ("staff:x:50:anna,ben", [UserGroup("staff", 50, ("anna", "ben"))]),
        ("staff:x:50:anna, ben,,", [UserGroup("staff", 50, ("anna", "ben"))]),
        ("staff:x:50:anna:ben", [UserGroup("staff", 50, ("anna:ben",))]),
        ("staff:x::anna", []),
        ("staff:x", []),
        ("+:::", []),
        ("+", []),
    ],
)
def test_a_line_of_group_is_read_as_glibc_reads_it(line, expected):
    data = f"{line}\n".encode()
    assert parse_group(data).all == tuple(expected)
    assert groups_of_glibc(data) == tuple(expected)


LINES = st.lists(
    st.lists(
        st.sampled_from(
            ["shop", "x", "0", "1000", " 7", "+8", "", "+", "#", "a,b", ",a, b,", "/h"]
        ),
        max_size=8,
    ).map(":".join),
    max_size=5,
).map(lambda lines: "".join(f"{line}\n" for line in lines).encode())


@given(LINES)
def test_users_and_groups_are_those_of_glibc(data):
    assert parse_passwd(data).all == passwd_of_glibc(data)
    assert parse_group(data).all == groups_of_glibc(data)


@given(st.binary())
def test_any_bytes_are_read(data):
    parse_passwd(data)
    parse_group(data)


def test_a_huge_file_costs_its_lines_only():
    data = b"".join(b"u%d:x:%d:%d::/home/u%d:/bin/sh\n" % (n, n, n, n) for n in range(50_000))
    assert len(parse_passwd(data).all) == 50_000


STATUS = b"""Name:\tapache2
Uid:\t33\t33\t33\t34
Gid:\t33\t33\t33\t35
FDSize:\t64
Groups:\t33 50 60\x20
CapInh:\t0000000000000001
CapEff:\t0000000000000006
"""


def test_the_credentials_of_a_process_are_those_for_files():
    expected = ProcessCredentials(34, 35, frozenset({33, 50, 60}), 6)
    assert parse_process_credentials(STATUS) == expected
    assert parse_process_credentials(STATUS.replace(b"33 50 60", b"")).groups == frozenset()


def test_this_process_is_what_the_kernel_says_of_it():
    own = parse_process_credentials(Path("/proc/self/status").read_bytes())
    assert (own.uid, own.gid) == (os.geteuid(), os.getegid())
    assert own.groups == frozenset(os.getgroups())


@given(st.binary() | st.binary().map(lambda data: STATUS + data))
def test_any_bytes_are_credentials_or_a_parse_error(data):
    with contextlib.suppress(ParseError):
        assert isinstance(parse_process_credentials(data), ProcessCredentials)
