"""ld.so.cache in every format and ld.so.preload give what ld.so would take from them."""

import shutil
import struct
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostprobe.facts.linker import CacheEntry, LinkerCache
from hostprobe.parse.error import ParseError
from hostprobe.parse.linker import MAX_ENTRIES, parse_ld_so_cache, parse_ld_so_preload

LIBRARIES = [(b"libz.so.1", b"/lib/libz.so.1"), (b"libc.so.6", b"/lib/libc.so.6")]
ENTRIES = tuple(CacheEntry(soname, path, 0x0303, "") for soname, path in LIBRARIES)


def old_cache(libraries=LIBRARIES):
    names, entries = b"", b""
    for soname, path in libraries:
        entries += struct.pack("<iII", 0x0303, len(names), len(names) + len(soname) + 1)
        names += soname + b"\0" + path + b"\0"
    return b"ld.so-1.7.0\0" + struct.pack("<I", len(libraries)) + entries + names


def new_cache(libraries=LIBRARIES, order="<", flags=2, hwcaps=(), values=(), at=0):
    """`values` are the entries' hwcap fields; `at` is the offset of the header in the file."""
    size = 48 + 24 * len(libraries)
    names, entries, levels = b"", b"", []
    for number, (soname, path) in enumerate(libraries):
        key = size + len(names)
        hwcap = values[number] if values else 0
        entries += struct.pack(f"{order}iIIIQ", 0x0303, key, key + len(soname) + 1, 0, hwcap)
        names += soname + b"\0" + path + b"\0"
    for name in hwcaps:
        levels.append(size + len(names))
        names += name + b"\0"
    names += bytes(-(size + len(names)) % 4)
    where = at + size + len(names) if hwcaps else 0
    extension = struct.pack(
        f"{order}6I", 0xEAA42174, 1, 1, 0, where + 24, 4 * len(levels)
    ) + struct.pack(f"{order}{len(levels)}I", *levels)
    head = struct.pack(f"{order}IIB3xI12x", len(libraries), len(names), flags, where)
    return b"glibc-ld.so.cache1.1" + head + entries + names + extension


def compat_cache(**parts):
    old = struct.pack("<iII", 0x0303, 0, 0) * len(LIBRARIES)
    start = b"ld.so-1.7.0\0" + struct.pack("<I", len(LIBRARIES)) + old
    start += bytes(-len(start) % 8)
    return start + new_cache(**parts, at=len(start))


@pytest.mark.parametrize(
    "data",
    [
        old_cache(),
        new_cache(),
        new_cache(order=">", flags=3),
        new_cache(flags=0),
        new_cache(order=">", flags=0),
        compat_cache(),
    ],
    ids=["old", "new", "big-endian", "order not said", "big, not said", "compat"],
)
def test_every_format_gives_the_same_entries(data):
    assert parse_ld_so_cache(data) == LinkerCache(ENTRIES)


@pytest.mark.parametrize("make", [new_cache, compat_cache])
def test_an_entry_names_its_hardware_capability(make):
    data = make(hwcaps=(b"x86-64-v2", b"x86-64-v3"), values=(1 << 62 | 1, 1 << 62))
    assert [one.hwcap for one in parse_ld_so_cache(data).entries] == ["x86-64-v3", "x86-64-v2"]


def test_legacy_hardware_bits_are_not_a_base_entry():
    data = new_cache(values=(1 << 49, 0))
    assert [one.hwcap for one in parse_ld_so_cache(data).entries] == ["legacy-0x2000000000000", ""]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "neither"),
        (b"ld.so-1.7.1\0", "neither"),
        (b"glibc-ld.so.cache1.1", "header"),
        (new_cache(flags=1), "byte order 1"),
        (new_cache()[:100], "no string|truncated|nothing to read"),
        (old_cache()[:20], "truncated"),
        (new_cache(values=(1 << 62, 0)), "capability 0 of 0"),
        (b"ld.so-1.7.0\0" + struct.pack("<I", MAX_ENTRIES + 1), "limit"),
        (new_cache(hwcaps=(b"v",)).replace(b"\x74\x21\xa4\xea", b"1234"), "no extensions"),
    ],
)
def test_a_damaged_cache_is_refused_with_the_reason(data, message):
    with pytest.raises(ParseError, match=message):
        parse_ld_so_cache(data)


@given(
    st.sampled_from([old_cache(), new_cache(hwcaps=(b"v",)), compat_cache(hwcaps=(b"v",))]),
    st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)), max_size=5),
    st.integers(0, 400),
)
def test_any_cache_gives_entries_or_a_parse_error(data, damage, length):
    damaged = bytearray(data)
    for position, value in damage:
        damaged[position % len(data)] = value
    for one in (bytes(damaged), bytes(damaged[:length])):
        try:
            parse_ld_so_cache(one)
        except ParseError as error:
            assert str(error)  # noqa: PT017  (most damage is not an error)


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        (b"", ()),
        (b"/a.so /b.so\t/c.so:/d.so\n\n /e.so", ("/a.so", "/b.so", "/c.so", "/d.so", "/e.so")),
        (b"# all\n/a.so # one\n#/b.so", ("/a.so",)),
        (b"/a.so\r\n", ("/a.so\r",)),
        (b"/\xff.so", ("/\udcff.so",)),
    ],
)
def test_preload_names(text, paths):
    assert parse_ld_so_preload(text).paths == paths


def test_preload_with_nul_bytes_is_no_list():
    with pytest.raises(ParseError, match="NUL"):
        parse_ld_so_preload(b"/a.so\0")


@pytest.mark.real
@pytest.mark.parametrize("kind", ["new", "old", "compat"])
def test_ldconfig_writes_what_is_read(tmp_path, kind):
    library = tmp_path / "usr/lib/glibc-hwcaps/x86-64-v3/libz.so.1"
    library.parent.mkdir(parents=True)
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/ld.so.conf").write_text("/usr/lib\n")
    source = next(Path("/usr/lib").rglob("libz.so.1"))
    shutil.copy(source, library)
    shutil.copy(source, tmp_path / "usr/lib/libz.so.1")
    subprocess.run(["/sbin/ldconfig", "-r", tmp_path, "-c", kind, "-C", "/etc/cache"], check=True)
    found = parse_ld_so_cache((tmp_path / "etc/cache").read_bytes())
    rows = [(one.soname, one.path, one.hwcap) for one in found.entries]
    level = "" if kind == "old" else "x86-64-v3"  # the old format has no room for it
    assert rows == [
        (b"libz.so.1", b"/usr/lib/glibc-hwcaps/x86-64-v3/libz.so.1", level),
        (b"libz.so.1", b"/usr/lib/libz.so.1", ""),
    ]


@pytest.mark.real
def test_the_cache_of_this_machine_equals_what_ldconfig_prints():
    printed = subprocess.run(["/sbin/ldconfig", "-p"], check=True, capture_output=True, text=True)
    rows = [line.split() for line in printed.stdout.splitlines() if " => " in line]
    found = parse_ld_so_cache(Path("/etc/ld.so.cache").read_bytes())
    assert [(one.soname.decode(), one.path.decode()) for one in found.entries] == [
        (row[0], row[-1]) for row in rows
    ]
