"""What the ast says of an application's own file."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostprobe.parse.python_source import MAX_SOURCE, MAX_TREE, parse_python_source


def places(text):
    imports = parse_python_source(text.encode()).imports
    return [(i.module, *i.names, i.at_import, i.guarded) for i in imports]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("import a.b as c", [("a.b", True, False)]),
        ("from . import a, b", [("", "a", "b", True, False)]),
        ("def f():\n  import a", [("a", False, False)]),
        ("class A:\n  import a", [("a", True, False)]),
        ("class A:\n  def f(self):\n    import a", [("a", False, False)]),
        ("for x in y:\n  import a\nelse:\n  import b", [("a", True, False), ("b", True, False)]),
        ("match x:\n  case 1:\n    import a", [("a", True, False)]),
        ("with x:\n  import a", [("a", True, False)]),
        (
            "if TYPE_CHECKING:\n  import a\nelse:\n  import b",
            [("a", False, False), ("b", True, False)],
        ),
        (
            "if not t.TYPE_CHECKING:\n  import a\nelse:\n  import b",
            [("a", True, False), ("b", False, False)],
        ),
        ("if __name__ == '__main__':\n  import a", [("a", False, False)]),
        ("if 0:\n  import a", [("a", False, False)]),
        (
            "try:\n  import a\nexcept (X, ImportError):\n  import b",
            [("a", True, True), ("b", True, False)],
        ),
        ("try:\n  import a\nfinally:\n  import b", [("a", True, False), ("b", True, False)]),
        ("try:\n  import a\nexcept:\n  pass", [("a", True, True)]),
        ("x = __import__('a')", [("a", True, False)]),
        ("def f():\n  return importlib.import_module('a.b')", [("a.b", False, False)]),
        ("import_module('.a', 'b')", []),
    ],
)
def test_an_import_and_its_place(text, expected):
    assert places(text) == expected


def test_an_import_by_a_computed_name_is_dynamic():
    source = parse_python_source(b"x = 1\nfor name in names:\n    importlib.import_module(name)\n")
    assert source.dynamic == (3,)


HERE = "import os, sys\nBASE = os.path.dirname(os.path.abspath(__file__))\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sys.path.insert(0, '/srv/app')", [("/srv/app", True)]),
        ("sys.path.append('/srv/app/')", [("/srv/app/", False)]),
        (HERE + "sys.path.insert(0, BASE)", [(".", True)]),
        (
            HERE + "sys.path[0:0] = [BASE, os.path.join(BASE, 'lib')]",
            [(".", True), ("./lib", True)],
        ),
        (
            HERE + "if BASE not in sys.path:\n    sys.path.append(os.path.dirname(BASE))",
            [("..", False)],
        ),
        ("sys.path += ['/a', unknown()]", [("/a", False), (None, False)]),
        ("sys.path = ['/a'] + sys.path", [("/a", True)]),
        ("sys.path.extend(directories)", [(None, False)]),
        (
            "site.addsitedir('/v/lib/python3.11/site-packages')",
            [("/v/lib/python3.11/site-packages", False)],
        ),
        ("sys.path.insert(0, str(Path(__file__).resolve().parent.parent))", [("..", True)]),
        ("sys.path.insert(0, str(Path(__file__).parents[2] / 'src'))", [("../../src", True)]),
        ("sys.path.append(os.path.dirname(__file__) + '/../lib')", [("../lib", False)]),
        ("sys.path.append('lib')", [(None, False)]),
        ("sys.path.append(__file__)", [(None, False)]),
        ("def f():\n    sys.path.append('/a')", []),
        ("other.path.append('/a')", []),
    ],
)
def test_directories_a_script_adds(text, expected):
    paths = parse_python_source(text.encode()).paths
    assert [(path.path, path.front) for path in paths] == expected


@pytest.mark.parametrize(
    ("data", "part"),
    [
        (b"print 'x'\n", "line 1: "),
        (b"import a\n\0", "null bytes"),
        (b"# -*- coding: no-such -*-\nimport a", "no-such"),
        (b"x = '\xff'\n", "utf-8"),
        (b"(" * 5000, ""),
        (b"x = " + b"-" * 200_000 + b"1", ""),
        (b"x = " + b"a." * 100_000 + b"b", ""),
        (b" " * (MAX_SOURCE + 1), "larger"),
    ],
)
def test_a_file_that_does_not_compile_says_so(data, part):
    source = parse_python_source(data)
    assert source.imports == ()
    assert source.error is not None
    assert part in source.error


@pytest.mark.parametrize(
    "data",
    [
        b"# coding: latin-1\nx = '\xff'\nimport a\n",
        b"\xef\xbb\xbfimport a\n",
        b"import a\r\nx = '\\d'\r\n1 is 1\r\n",
    ],
)
def test_encodings_and_warnings_are_no_errors(data):
    assert [i.module for i in parse_python_source(data).imports] == ["a"]


@given(st.binary() | st.text(alphabet="import from as()\n:\t xyz.sys.path+='/").map(str.encode))
def test_any_bytes_are_a_source(data):
    parse_python_source(data)


def test_a_file_too_large_for_a_tree_has_its_module_level_imports():
    text = "import a\ndef f():\n    import b\nif x:\n    import c\n" + "x = 1\n" * (MAX_TREE // 6)
    found = parse_python_source(text.encode())
    assert [one.module for one in found.imports] == ["a", "c"]
    assert found.error is None
