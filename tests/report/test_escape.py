import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostprobe.report.escape import escape, escape_json

ANY = st.text(st.characters(exclude_categories=()))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain [red]text[/red]", "plain [red]text[/red]"),
        ("schön 文", "schön 文"),
        ("a\nb\tc\r", "a\\nb\\tc\\r"),
        ("\x1b[2J", "\\x1b[2J"),
        ("\x9b2J\x7f", "\\x9b2J\\x7f"),
        ("\udcff\udc80", "\\xff\\x80"),
        ("\ud800", "\\ud800"),
        ("\u202egpj", "\\u202egpj"),
        ("\u2066\u200b\ufeff\u00a0", "\\u2066\\u200b\\ufeff\\xa0"),
        ("\U000e0041", "\\U000e0041"),
    ],
)
def test_what_is_not_printable_becomes_visible(text, shown):
    assert escape(text) == shown


@given(ANY)
def test_the_result_is_one_printable_line_of_utf8(text):
    assert escape(text).isprintable()
    escape(text).encode("utf-8")


@given(ANY)
def test_json_is_always_utf8(text):
    data = json.loads(json.dumps(escape_json({text: [text, {"x": text}]})))
    json.dumps(data, ensure_ascii=False).encode("utf-8")


def test_json_keeps_its_types():
    data = {"a": [1, 2.5, None, True, "x"], "b": ("t",), "c": b"\xff", "d": {"k": {"s"}}, 3: 4}
    assert escape_json(data) == {
        "a": [1, 2.5, None, True, "x"],
        "b": ["t"],
        "c": "\\xff",
        "d": {"k": ["s"]},
        "3": 4,
    }
