import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostprobe.facts.mount import Fstab, FstabEntry, Mount, MountTable
from hostprobe.parse.error import ParseError
from hostprobe.parse.mounts import MAX_MOUNTS, parse_fstab, parse_mountinfo

LINE = b"36 35 98:0 /mnt1 /srv rw,noatime,noexec shared:1 master:2 - ext3 /dev/root rw,data=x\n"
"""Two optional fields, as proc_pid_mountinfo(5) shows them."""


def test_a_line_of_mountinfo_is_a_mount():
    options = ("rw", "noatime", "noexec")
    assert parse_mountinfo(LINE) == MountTable((Mount(36, 35, "/srv", "ext3", options),))


@pytest.mark.parametrize("optional", [b"", b"shared:1 ", b"shared:1 master:2 propagate_from:3 "])
def test_optional_fields_may_be_any_number(optional):
    data = b"1 0 0:1 / / rw " + optional + b"- tmpfs - rw\n"
    assert parse_mountinfo(data).mounts[0].filesystem == "tmpfs"


def test_options_of_the_file_system_are_not_the_mounts():
    (mount,) = parse_mountinfo(b"1 0 0:1 / /a rw - tmpfs none ro,noexec\n").mounts
    assert mount.options == ("rw",)


@pytest.mark.parametrize(
    ("written", "place"),
    [
        (rb"/a\040b", "/a b"),
        (rb"/a\011\012\134040", "/a\t\n\\040"),
        (rb"/\303\244", "/ä"),
        (b"/\xff", "/\udcff"),
        (rb"/a\04", r"/a\04"),
    ],
)
def test_escapes_of_a_mount_point_are_octal(written, place):
    assert parse_mountinfo(b"1 0 0:1 / " + written + b" rw - x y rw").mounts[0].place == place
    assert parse_fstab(b"/dev/x " + written + b" ext4 defaults").entries[0].place == place


@pytest.mark.parametrize(
    "data",
    [
        b"1 0 0:1 / / rw",
        b"1 0 0:1 / / rw -",
        b"x 0 0:1 / / rw - a b c",
        b"1 -1 0:1 / / rw - a b c",
        b"1 - - - - - -",
        b"9" * 30 + b" 0 0:1 / / rw - a b c",
        b"\0\n",
    ],
)
def test_what_is_no_mount_is_an_error(data):
    with pytest.raises(ParseError):
        parse_mountinfo(data)


def test_more_mounts_than_a_namespace_may_have_are_refused():
    with pytest.raises(ParseError, match="more than"):
        parse_mountinfo(b"1 0 0:1 / / rw - a b c\n" * (MAX_MOUNTS + 1))


def test_this_kernels_own_table_is_read():
    mounts = parse_mountinfo(Path("/proc/self/mountinfo").read_bytes()).mounts
    assert "/proc" in {mount.place for mount in mounts}


@pytest.mark.parametrize(
    ("options", "flags"),
    [
        ("", set()),
        ("defaults", set()),
        ("noexec", {"noexec"}),
        ("ro,nosuid", {"ro", "nosuid"}),
        ("ro,rw", set()),
        ("user", {"noexec", "nosuid", "nodev"}),
        ("user,exec", {"nosuid", "nodev"}),
        ("exec,users", {"noexec", "nosuid", "nodev"}),
        ("owner", {"nosuid", "nodev"}),
        ("noexec,exec,password=hunter2", set()),
    ],
)
def test_options_of_fstab_count_in_their_order(options, flags):
    (entry,) = parse_fstab(f"/dev/x /srv ext4 {options}".encode()).entries
    assert entry == FstabEntry("/srv", "ext4", tuple(sorted(flags)))


def test_fstab_without_what_is_not_mounted_at_start():
    data = b"# x /y ext4\n\nUUID=1 none swap sw\n/dev/x\n/dev/y /z\n/dev/c /cd iso9660 noauto\n"
    assert parse_fstab(data) == Fstab(())


@given(st.binary())
def test_no_other_error_escapes(data):
    parse_fstab(data)
    with contextlib.suppress(ParseError):
        parse_mountinfo(data)


@given(st.lists(st.sampled_from([*b"1 -/\\0\n,rw"])).map(bytes))
def test_no_other_error_escapes_from_what_looks_alike(data):
    parse_fstab(data)
    with contextlib.suppress(ParseError):
        parse_mountinfo(data)
