"""How formats of the error log are read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostprobe.facts.words import words
from hostprobe.model.httpd.error_log import (
    DEFAULT,
    is_nonsense,
    quoted,
    shows_offset,
    time_items,
    with_arguments,
    with_offset,
)


@pytest.mark.parametrize(
    ("text", "arguments"),
    [
        (DEFAULT, ["u"]),
        ("[%t] %M", [None]),
        ("%{cuz}t %{%Y %z}t", ["cuz", "%Y %z"]),
        ("%-{u}t %{u}+t %7{u}t", ["u", "u", "u"]),
        ("%% t %%t %{Referer}i \\%t %T %M", []),
        ("% %t", [None]),
        ("%{a}{b}t", ["b"]),
        ("%{}t", [""]),
    ],
)
def test_the_times_of_a_format(text, arguments):
    assert [item.argument for item in time_items(text)] == arguments


def test_arguments_are_replaced_where_they_stand():
    assert with_arguments("[%t] %-{u}t %M", ["z", ""]) == "[%{z}t] %t %M"


@pytest.mark.parametrize("argument", ["%cuz", "%cz", "c%u", "%cu", "u%%", "%u", "%c%uz", "%"])
def test_letters_beside_a_percent_sign_are_nonsense(argument):
    assert is_nonsense(argument)


@pytest.mark.parametrize(
    "argument", ["cuz", "", "%c", "%z", "%c%z", "%c %z", "%Y-%m-%d", "%F %T u"]
)
def test_real_formats_are_none(argument):
    assert not is_nonsense(argument)


@pytest.mark.parametrize(
    ("argument", "strftime", "shown"),
    [
        ("z", True, True), ("cuz", True, True), ("%F %z", True, True), ("%s", True, True),
        ("u", True, False), (None, True, False), ("%F %T", True, False), ("%cuz", True, False),
        ("cuz", False, False),
    ],
)  # fmt: skip
def test_the_offset_is_shown(argument, strftime, shown):
    assert shows_offset(argument, strftime=strftime) is shown


@pytest.mark.parametrize("argument", [None, "", "u", "%F %T"])
def test_the_offset_can_be_added(argument):
    assert shows_offset(with_offset(argument), strftime=True)


@given(st.text(alphabet='%{}tcuz"\\ a'))
def test_a_quoted_text_is_the_same_word(text):
    assert words(quoted(text)) == (text,)


@given(st.text(alphabet="%{}tcuz \\-+1M"))
def test_any_text_is_a_format(text):
    items = [*time_items(text)]
    assert with_arguments(text, [item.argument or "" for item in items]).count("t") >= len(items)
