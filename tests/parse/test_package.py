import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostprobe.facts.package import PackageVersions
from hostprobe.parse.error import ParseError
from hostprobe.parse.package import (
    parse_diversions,
    parse_dpkg_status,
    parse_wheel_name,
    records_path,
    spellings,
)


@given(st.binary())
def test_only_parse_errors_escape(data):
    try:
        parse_dpkg_status(b"Package: x\n" + data)
        parse_dpkg_status(data)
    except ParseError:
        pass
    parse_diversions(data)
    parse_wheel_name(data)


def test_an_empty_status_has_no_packages():
    assert parse_dpkg_status(b"") == PackageVersions(())


def test_packages_without_files_are_left_out():
    status = (
        b"Package: a\nStatus: install ok installed\nVersion: 1\n\n"
        b"Package: b\nStatus: deinstall ok config-files\nVersion: 2\n\n"
        b"Package: c\nStatus: install ok half-configured\nVersion: 3\nMulti-Arch: same\n"
        b"Architecture: i386\nDescription: x\n Version: 9\n"
    )
    assert parse_dpkg_status(status).versions == (("a", "1"), ("c:i386", "3"))


@pytest.mark.parametrize(
    ("path", "names"),
    [
        (b"/usr/lib/a", (b"/usr/lib/a", b"/lib/a")),
        (b"/lib64/a", (b"/lib64/a", b"/usr/lib64/a")),
        (b"/usr/share/a", (b"/usr/share/a",)),
        (b"/opt/a", (b"/opt/a",)),
        (b"/", (b"/",)),
        (b"", (b"",)),
    ],
)
def test_a_merged_usr_gives_two_names(path, names):
    assert spellings(path) == names


@pytest.mark.parametrize(
    ("record", "path", "is_named"),
    [
        (b"a.so,,", b"a.so", True),
        (b"x\na.so,,", b"a.so", True),
        (b"ba.so,,", b"a.so", False),
        (b"a.so.1,,", b"a.so", False),
        (b'"q""q.so",,', b'q"q.so', True),
    ],
)
def test_a_record_names_whole_paths(record, path, is_named):
    assert records_path(record, path) is is_named
