import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostprobe.parse.error import ParseError
from hostprobe.parse.report import parse_report
from hostprobe.report.formats import FORMATS, render
from tests.report.documents import hostile_document

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def places(data, path=()):
    """Every place of a document."""
    yield path
    listed = dict(enumerate(data)) if isinstance(data, list) else data
    for key, value in listed.items() if isinstance(listed, dict) else ():
        yield from places(value, (*path, key))


def replaced(data, path, value):
    """The document with another value at one place."""
    if not path:
        return value
    copy = dict(data) if isinstance(data, dict) else list(data)
    copy[path[0]] = replaced(copy[path[0]], path[1:], value)
    return copy


PLACES = list(places(hostile_document()))


def test_a_report_is_read_back():
    assert parse_report(json.dumps(hostile_document()).encode()) == hostile_document()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "not JSON: "),
        (b"\xff", "not JSON: "),
        (b"[" * 100_000, "not JSON: "),
        (b'"\\udcff"', "not JSON: "),
        (b"[]", "not a report of hostprobe"),
        (b'{"schema": 2}', "a report of schema 2; this hostprobe reads 1"),
        (b'{"schema": 1}', "not a report of hostprobe: hostprobe is missing"),
    ],
)
def test_what_is_no_report_is_refused_with_a_reason(data, message):
    with pytest.raises(ParseError) as error:
        parse_report(data)
    assert str(error.value).startswith(message)


@pytest.mark.parametrize(
    "path",
    [
        ("host", "name"),
        ("unread", 0),
        ("checks", 0, "duration_seconds"),
        ("findings", 0, "severity"),
        ("findings", 0, "affected", 0),
        ("findings", 1, "waived", "reason"),
        ("instances", 0, "problems"),
        ("instances", 0, "configuration", "problems", 0, "where", "file"),
        ("instances", 0, "environments", 0, "problems", 0),
        ("summary", "high"),
    ],
)
def test_what_formats_print_has_its_type(path):
    damaged = replaced(hostile_document(), path, {})
    with pytest.raises(ParseError):
        parse_report(json.dumps(damaged).encode())


@given(st.sampled_from(PLACES), JSON)
def test_every_format_prints_whatever_was_read(path, value):
    try:
        found = parse_report(json.dumps(replaced(hostile_document(), path, value)).encode())
    except ParseError:
        return
    for name in FORMATS:
        assert render(name, found)
