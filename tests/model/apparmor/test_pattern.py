"""Patterns by what they match; apparmor_parser is the judge in tests/oracle."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostprobe.model.apparmor.pattern import MAX_LENGTH, expanded, expression

VARIABLES = {"@{ONE}": ("/srv",), "@{TWO}": ("/a", "/b{c,d}"), "@{IN}": ("@{ONE}/x",)}
VARIABLES |= {"@{SLASH}": ("/p/",)}


@pytest.mark.parametrize(
    ("pattern", "yes", "no"),
    [
        ("/a/*", ["/a/b"], ["/a/", "/a/b/c", "/a/b/"]),
        ("/a/**", ["/a/b", "/a/b/c", "/a/b/"], ["/a/", "/a"]),
        ("/a*", ["/a", "/ab"], ["/a/b"]),
        ("/a**", ["/a", "/a/b/c"], ["/b"]),
        ("/*/k", ["/x/k"], ["//k", "/x/y/k"]),
        ("/a?", ["/ab"], ["/a", "/a/"]),
        ("/[a-c]x", ["/bx"], ["/dx"]),
        ("/[^a]x", ["/bx"], ["/ax"]),
        ("/{a,b{c,d}}/e", ["/a/e", "/bd/e"], ["/b/e"]),
        ("/\\*{,x}", ["/*", "/*x"], ["/a"]),
        ("/a.b", ["/a.b"], ["/axb"]),
        ("@{ONE}/**", ["/srv/x"], ["/srv"]),
        ("@{TWO}/y", ["/a/y", "/bc/y"], ["/b/y"]),
        ("@{IN}//y", ["/srv/x/y"], []),
        ("@{NONE}/y", [], ["/y"]),
        ("@{SLASH}/y", ["/p/y"], ["/p//y"]),
        ("@{SLASH}y", ["/p/y"], []),
    ],
)
def test_a_pattern_matches(pattern, yes, no):
    found = expression(expanded(pattern, VARIABLES))
    assert [path for path in (*yes, *no) if found.fullmatch(path)] == yes


@pytest.mark.parametrize("pattern", ["/[", "/{a", "/[b-a]", "x" * (MAX_LENGTH + 1)])
def test_what_is_no_pattern_matches_nothing(pattern):
    found = expression(pattern)
    assert found is None or not found.fullmatch("/a")


def test_variables_that_hold_themselves_end():
    loop = {"@{A}": ("@{A}@{A}", "@{B}"), "@{B}": ("@{A}",)}
    assert len(expanded("@{A}" * 50, loop)) < 100 * MAX_LENGTH


@given(st.text(alphabet="/*?[]{},\\ab^-@", max_size=40), st.text(alphabet="/ab", max_size=8))
def test_nothing_escapes(pattern, path):
    found = expression(expanded(pattern, VARIABLES))
    if found is not None:
        found.fullmatch(path)
