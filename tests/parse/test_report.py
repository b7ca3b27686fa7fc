import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostprobe.parse.error import ParseError
from hostprobe.parse.report import parse_report
from hostprobe.report.formats import FORMATS, render
from hostprobe.report.json import document_of
from tests.report.documents import hostile_document
from tests.report.sample import report, waived_report


def sample():
    return json.loads(render("json", document_of(waived_report())))


def refusal(data):
    with pytest.raises(ParseError) as caught:
        parse_report(data)
    return str(caught.value)


@pytest.mark.parametrize("make", [report, waived_report])
def test_what_a_scan_wrote_comes_back_as_it_was(make):
    document = document_of(make())
    assert parse_report(render("json", document).encode()) == document


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "not JSON: "),
        (b"{", "not JSON: "),
        (b"\xff", "not JSON: "),
        (b'{"schema": NaN}', "not JSON: NaN is no number"),
        (b'{"schema": 1, "x": -Infinity}', "not JSON: -Infinity is no number"),
        (b'{"schema": 1, "x": "\\ud800"}', "not JSON: "),
        (b'{"schema": 1, "x": "\xed\xa0\x80"}', "not JSON: "),
        (b"[" * 100_000, "not JSON: "),
        (b"[]", "not a report of hostprobe"),
        (b"{}", "not a report of hostprobe"),
        (b'{"schema": 1}', "not a report of hostprobe: hostprobe is missing or of another type"),
        (b'{"schema": 2}', "a report of schema 2; this hostprobe knows 1 only"),
        (b'{"schema": "1"}', "a report of schema '1'; this hostprobe knows 1 only"),
    ],
)
def test_what_is_no_report_is_refused_with_the_reason(data, says):
    assert refusal(data).startswith(says)


def test_a_whole_character_in_two_halves_is_text():
    document = sample()
    document["host"]["name"] = "\U0001f600"
    assert parse_report(json.dumps(document).encode()) == document


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda d: d.pop("findings"), "findings is missing"),
        (lambda d: d.update(findings={}), "findings is missing or of another type"),
        (lambda d: d.update(host={}), "host"),
        (lambda d: d["host"].update(name=3), "host"),
        (lambda d: d["checks"].append({}), "checks"),
        (lambda d: d["checks"].append("x"), "checks"),
        (lambda d: d["checks"][0].pop("reason"), "checks"),
        (lambda d: d["findings"][1].pop("waived"), "findings[1]"),
        (lambda d: d["summary"].update(high="1"), "summary"),
        (lambda d: d["summary"].update(high=True), "summary"),
        (lambda d: d["findings"].append(3), "findings[3]"),
        (lambda d: d["findings"][1].update(severity="worst"), "findings[1]"),
        (lambda d: d["findings"][1].pop("fingerprint"), "findings[1]"),
        (lambda d: d["findings"][1].update(evidence=[]), "findings[1]"),
        (lambda d: d["findings"][1].update(remedy="x"), "findings[1]"),
        (lambda d: d["findings"][1].update(waived={}), "findings[1]"),
        (lambda d: d["findings"][1].update(waived=True), "findings[1]"),
        (lambda d: d["findings"][1].update(waived={"reason": "r", "expires": 3}), "findings[1]"),
    ],
)
def test_a_part_that_is_missing_or_wrong_is_named(change, says):
    document = sample()
    change(document)
    said = refusal(json.dumps(document).encode())
    assert said.startswith("not a report of hostprobe: ")
    assert says in said


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


@pytest.mark.parametrize(
    "path",
    [
        ("host", "name"),
        ("unread", 0),
        ("checks", 0, "duration_seconds"),
        ("findings", 0, "severity"),
        ("findings", 0, "baseline"),
        ("waivers", 0, "standing"),
        ("waivers",),
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


@given(st.sampled_from(sorted(sample())), JSON)
def test_any_value_in_any_place_is_a_report_or_a_parse_error(key, value):
    document = {**sample(), key: value}
    try:
        found = parse_report(json.dumps(document).encode())
    except ParseError:
        return
    assert render("json", found)
