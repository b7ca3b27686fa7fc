import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostprobe.facts.process import MappedFile, Mappings
from hostprobe.parse.error import ParseError
from hostprobe.parse.maps import MAX_LINES, parse_maps, parse_unix_sockets

SSL = "/usr/lib/libssl.so.3"


def line(path, *, start=0x1000, permissions="r--p", device="fe:00", inode=7):
    head = f"{start:x}-{start + 0x1000:x} {permissions} 00000000 {device} {inode}"
    return f"{head:<73}{path}\n".encode("utf-8", "surrogateescape")


def paths(data):
    return [file.path for file in parse_maps(data).files]


def test_a_file_is_one_fact_with_its_lowest_range():
    data = line(SSL) + line(SSL, start=0x2000, permissions="r-xp") + line(SSL, start=0x3000)
    assert parse_maps(data) == Mappings(
        (MappedFile(SSL, 0xFE00, 7, 0x1000, 0x2000, is_deleted=False, is_executable=True),)
    )


def test_two_files_of_one_name_are_two():
    first, second = parse_maps(line(f"{SSL} (deleted)") + line(SSL, inode=8)).files
    assert (first.is_deleted, second.is_deleted) == (True, False)
    assert (first.path, first.inode, second.path, second.inode) == (SSL, 7, SSL, 8)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "[heap]",
        "[vdso]",
        "[anon:glibc: malloc]",
        "anon_inode:[perf_event]",
        "/dev/zero (deleted)",
        "/dev/shm/x",
        "/memfd:ffi (deleted)",
        "/SYSV00000000 (deleted)",
        "/anon_hugepage (deleted)",
        "/[aio] (deleted)",
        "socket:[12/3]",
    ],
)
def test_memory_and_devices_are_no_files(name):
    assert parse_maps(line(name)) == Mappings(())


@pytest.mark.parametrize(
    ("written", "path"),
    [
        (r"/a\012b", "/a\nb"),
        (r"/a\040b", r"/a\040b"),
        ("/with two  spaces ", "/with two  spaces "),
        ("/x (deleted) (deleted)", "/x (deleted)"),
        ("/caf\udce9", "/caf\udce9"),
    ],
)
def test_a_name_is_read_as_the_kernel_writes_it(written, path):
    assert paths(line(written)) == [path]


@pytest.mark.parametrize(
    ("device", "number"), [("fe:00", 0xFE00), ("08:1f", 0x81F), ("00:1a4", 0x1000A4)]
)
def test_a_device_is_numbered_as_stat_numbers_it(device, number):
    assert parse_maps(line(SSL, device=device)).files[0].device == number


def test_an_endless_list_is_cut_and_says_so():
    data = line("[heap]") * MAX_LINES
    assert parse_maps(data + line(SSL)) == Mappings((), is_cut=True)
    assert parse_maps(data) == Mappings(())


@pytest.mark.parametrize(
    "data", [b"/", b"1-2 r--p 0 x 7 /x", b"1 r--p 0 fe:00 7 /x", b"1-2 r--p 0 fe:00 x /x"]
)
def test_what_is_no_mapping_is_refused(data):
    with pytest.raises(ParseError, match="line 1: not a mapping"):
        parse_maps(data)


@given(st.lists(st.one_of(st.binary(max_size=60), st.just(line(SSL))), max_size=5))
def test_nothing_but_a_parse_error_escapes(parts):
    with contextlib.suppress(ParseError):
        parse_maps(b"".join(parts))


def test_sockets_have_the_inode_of_their_path():
    data = (
        b"Num       RefCount Protocol Flags    Type St Inode Path\n"
        b"0000: 00000002 00000000 00010000 0001 01 186970 /run/wsgi.7331.0.1.sock\n"
        b"0000: 00000003 00000000 00000000 0001 03 18697\n"
        b"0000: 00000002 00000000 00010000 0005 01 33 @abstract name\n"
    )
    assert parse_unix_sockets(data) == {186970: "/run/wsgi.7331.0.1.sock", 33: "@abstract name"}


@given(st.binary(max_size=200))
def test_odd_sockets_are_none(data):
    assert isinstance(parse_unix_sockets(data), dict)
