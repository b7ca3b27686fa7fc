"""Zipped eggs, compared with Python's own zipfile, and damaged ones."""

from contextlib import suppress
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostprobe.facts.egg import Egg
from hostprobe.parse.egg import MAX_ENTRIES, MAX_MODULE, entries, parse_egg
from hostprobe.parse.error import ParseError

ASKS = "from pkg_resources import resource_filename\nresource_filename(__name__, 'x')\n"
NAMES = st.text(alphabet="ab/.-\u00e9", min_size=1, max_size=9)


def packed(members, compression=ZIP_DEFLATED, comment=b""):
    stream = BytesIO()
    with ZipFile(stream, "w", compression) as archive:
        for name, text in members.items():
            archive.writestr(
                ZipInfo(name), text, compression
            )  # the time of day is in no test's name
        archive.comment = comment
    return stream.getvalue()


EVERYTHING = {
    "EGG-INFO/PKG-INFO": "Name: shop",
    "EGG-INFO/eager_resources.txt": "htdocs\n",
    "shop/__init__.py": "",
    "shop/_fast.cpython-311-x86_64-linux-gnu.so": "ELF",
    "shop/_fast.py": ASKS,
    "shop/__pycache__/_fast.cpython-311.pyc": ASKS,
    "shop/web.py": ASKS,
    "single.py": "",
    "README": "resource_filename",
}


@pytest.mark.parametrize("compression", [ZIP_STORED, ZIP_DEFLATED])
@pytest.mark.parametrize("front", [b"", b"#!/bin/sh\n"])
def test_an_egg_tells_what_needs_real_files(compression, front):
    found = parse_egg(front + packed(EVERYTHING, compression, b"a comment"))
    assert found == Egg(
        extensions=(("shop/_fast.cpython-311-x86_64-linux-gnu.so", 3),),
        packages=("shop", "single"),
        has_eager_resources=True,
        askers=("shop/web",),
    )


def test_an_empty_list_of_eager_resources_is_none():
    assert not parse_egg(packed({"EGG-INFO/eager_resources.txt": ""})).has_eager_resources


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"", "not a zip archive"),
        (b"PK\x05\x06", "not a zip archive"),
        (packed({"a.py": "x"})[:-9], "not a zip archive"),
        (packed({"a.py": "x"}).replace(b"PK\x01\x02", b"PK\x01\x03"), "breaks off"),
        (packed({"a.py": "x"})[40:], "not where its end says"),
        (b"PK\x05\x06" + b"\0" * 6 + b"\xff" * 12, "zip64"),
    ],
)
def test_what_is_no_whole_archive_is_refused(data, text):
    with pytest.raises(ParseError, match=text):
        parse_egg(data)


def test_a_bomb_is_not_unpacked():
    found = parse_egg(packed({"a.py": "x" * (MAX_MODULE + 1), "b.py": ASKS}))
    assert (found.askers, found.is_cut) == (("/b",), True)


def test_a_size_that_is_a_lie_is_bounded_too():
    data = packed({"a.py": "x" * (8 * MAX_MODULE) + ASKS})
    data = data.replace((8 * MAX_MODULE + len(ASKS)).to_bytes(4, "little"), b"\1\0\0\0")
    assert parse_egg(data).askers == ()


def test_the_number_of_members_is_bounded():
    found = parse_egg(packed({f"m{number}/a.txt": "" for number in range(MAX_ENTRIES + 9)}))
    assert (len(found.packages), found.is_cut) == (MAX_ENTRIES, True)


@given(st.dictionaries(NAMES, st.binary(max_size=9), max_size=9))
def test_the_directory_is_that_of_zipfile(members):
    data = packed(members)
    with ZipFile(BytesIO(data)) as archive:
        expected = [(one.filename, one.file_size) for one in archive.infolist()]
    assert [(one.name, one.size) for one in entries(data)] == expected


@given(st.binary(max_size=200), st.integers(0, 400), st.binary(max_size=4))
def test_any_bytes_are_an_egg_or_refused(noise, place, change):
    data = packed(EVERYTHING)
    for one in (noise, data[:place] + change + data[place + len(change) :], data[place:]):
        with suppress(ParseError):
            assert isinstance(parse_egg(one), Egg)
