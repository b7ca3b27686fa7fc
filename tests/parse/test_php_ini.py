"""php.ini as PHP's own scanner reads it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostprobe.parse.php_ini import parse_php_ini


def pairs(text):
    return [entry[:2] for entry in parse_php_ini(text.encode()).entries]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("extension=a.so ; why\n", [("extension", "a.so")]),
        (' Extension = "b;c.so" \n', [("Extension", "b;c.so")]),
        ("zend_extension='c.so'", [("zend_extension", "c.so")]),
        (";extension=d\n#extension=e\n", [("#extension", "e")]),
        ("x[]=1\nnothing\ny =\n", [("x[]", "1"), ("y", "")]),
        ('a = "${DIR}/b.so"', [("a", "${DIR}/b.so")]),
        ("a = ${DIR}/b.so", [("a", "${DIR}/b.so")]),
        ('a = "with \\"quotes\\""', [("a", 'with "quotes"')]),
        ("a = On\nb = none\nc = 'on'\n", [("a", "1"), ("b", ""), ("c", "on")]),
        ("[PATH=/x]\nextension=a\n[HOST=h]\nextension=b\n[foo]\nextension=c", [("extension", "c")]),
        ("\ufeffextension=a\r\nextension=b\r\n", [("extension", "a"), ("extension", "b")]),
    ],
)
def test_an_entry_and_its_value(text, expected):
    assert pairs(text) == expected


def test_lines_are_counted_through_values_of_several_lines():
    entries = parse_php_ini(b'a = "x\ny"\nb = 1\n').entries
    assert entries == (("a", "x\ny", 1), ("b", "1", 3))


@given(st.binary() | st.text(alphabet="ab=[]\"';#\n \\${}&").map(str.encode))
def test_any_bytes_are_an_ini_file(data):
    parse_php_ini(data)


@pytest.mark.parametrize(
    "text", [" " * 300_000, "a " * 200_000, '"' * 300_001, "[" * 300_000, "x='" * 99_999]
)
def test_hostile_text_takes_linear_time(text):
    parse_php_ini(text.encode())
