"""envvars and sysconfig files without a shell."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostprobe.parse.environment_file import parse_environment_file


def assignments(text):
    return list(parse_environment_file(text.encode()).assignments)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A=b", [("A", "b", False)]),
        ("export A=b", [("A", "b", True)]),
        ("A=b C=d", [("A", "b", False), ("C", "d", False)]),
        ("A=b\nexport A", [("A", "b", False), ("A", "${A}", True)]),
        ("export -p A=b", [("A", "b", True)]),
        ("A=", [("A", "", False)]),
        ("A='b c'", [("A", "b c", False)]),
        ('A="b c"d', [("A", "b cd", False)]),
        ("A=b\\ c", [("A", "b c", False)]),
        ('A="b\\"c\\d"', [("A", 'b"c\\d', False)]),
        ("A=$B/x", [("A", "${B}/x", False)]),
        ("A=/run$SUFFIX/x", [("A", "/run${SUFFIX}/x", False)]),
        ('A="${B}x"', [("A", "${B}x", False)]),
        ("A='$B'", [("A", "$$B", False)]),
        ("A=\\$B", [("A", "$$B", False)]),
        ('A="\\$B"', [("A", "$$B", False)]),
        ("A=5$", [("A", "5$$", False)]),
        ("A=${B:-c d}", [("A", "${B:-c d}", False)]),
        ("A=b # c", [("A", "b", False)]),
        ("A=b#c", [("A", "b#c", False)]),
        ("# A=b", []),
        ("A=b; C=d", [("A", "b", False), ("C", "d", False)]),
        ("A=b\\\nc", [("A", "bc", False)]),
    ],
)
def test_plain_assignments_are_read(text, expected):
    assert assignments(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "A=`id`", "A=$(id)", 'A="$(id)"', "A=${B%%x}", "A=b command", "[ -n x ] && export A=b",
        ". /etc/default/locale", "if true; then\n A=b\nfi", "f() {\n A=b\n}", "{\nA=b\n}",
        "case x in\n x) A=b;;\nesac", "for a in b; do A=c; done", "command A=b", "A+=b", "A=b &",
    ],
)  # fmt: skip
def test_what_needs_a_shell_is_named_and_not_assigned(text):
    file = parse_environment_file(text.encode())
    assert file.assignments == ()
    assert file.unread


def test_what_is_unread_is_named_without_its_value():
    file = parse_environment_file(b"ok=1\nTOKEN=`secret x`\n")
    assert file.unread == ((2, "TOKEN"),)


def test_reading_goes_on_after_the_end_of_a_condition():
    text = "if true; then\n  if x; then A=1; fi\nelse\n A=2\nfi\nB=3\nunset HOME FOO\n"
    file = parse_environment_file(text.encode())
    assert file.assignments == (("B", "3", False),)
    assert file.unset == ("HOME", "FOO")


@given(st.text(alphabet="aA=${}()`'\"\\ \n;#:-|&{[") | st.text())
def test_any_text_is_read(text):
    parse_environment_file(text.encode("utf-8", "surrogatepass"))
