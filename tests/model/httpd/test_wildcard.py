"""Patterns as apr_fnmatch reads them."""

import fnmatch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostprobe.model.httpd.wildcard import is_pattern, matches, path_matches


@pytest.mark.parametrize(
    ("pattern", "yes", "no"),
    [
        ("*", ["a", "a*"], [".a"]),
        (".*", [".a"], ["a"]),
        ("a*b*c", ["abc", "axbxbc"], ["abcd", "ac"]),
        ("?", ["a", "é"], ["", "ab", "."]),
        ("[a-c]", ["b"], ["d", "-"]),
        ("[!a]", ["b"], ["a", ".x"]),
        ("[^a]", ["b"], ["a"]),
        ("[]a]", ["]", "a"], ["b"]),
        ("[a", ["[a"], ["a"]),
        ("\\*", ["*"], ["a"]),
        ("[\\]]", ["]"], ["\\"]),
        ("[c-a]", [], ["a", "b", "c"]),
        ("[!c-a]", ["a"], []),
        ("a.b", ["a.b"], ["axb"]),
        ("A", ["A"], ["a"]),
    ],
)
def test_names_match(pattern, yes, no):
    assert matches(pattern, yes + no) == yes


@pytest.mark.parametrize(
    ("text", "expected"),
    [("a", False), ("*", True), ("a?", True), ("[a", False), ("a]", False), ("[a]", True),
     ("\\*", False), ("\\[a]", False), ("[\\]", False), ("", False), ("a\\", False)],
)  # fmt: skip
def test_what_counts_as_a_pattern(text, expected):
    assert is_pattern(text) is expected


def test_a_star_does_not_cross_a_slash_in_paths():
    assert path_matches("/srv/*/x", "/srv/a/x")
    assert not path_matches("/srv/*", "/srv/a/x")


def test_many_stars_do_not_take_exponential_time():
    assert matches("*a" * 200 + "b", ["a" * 5000]) == []


@given(st.text(alphabet="ab*?", max_size=8), st.text(alphabet="ab", max_size=8))
def test_plain_patterns_match_as_in_python(pattern, name):
    assert matches(pattern, [name]) == fnmatch.filter([name], pattern)


@given(st.text(alphabet="ab*?[]!^-\\."), st.text(alphabet="ab[]-.\\"))
def test_any_pattern_is_understood(pattern, name):
    matches(pattern, [name])
    is_pattern(pattern)
