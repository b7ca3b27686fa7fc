"""The line scanner finds what the ast finds."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostprobe.facts.python import Import
from hostprobe.parse.import_scanner import scan_imports
from hostprobe.parse.python_source import parse_python_source
from tests.wheels import wheels_venv


def found(text):
    return [(i.module, *i.names) for i in scan_imports(text.encode()).imports]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("import a, b.c as d", [("a",), ("b.c",)]),
        ("import a; import b ; from c import d", [("a",), ("b",), ("c", "d")]),
        ("from a import (b, # x)\n c as d,\n)", [("a", "b", "c")]),
        ("from a import b, \\\n  c\nimport e", [("a", "b", "c"), ("e",)]),
        ("from . a import *", [("a", "*")]),
        ("from .\\\na import b", [("a", "b")]),
        ("'''\nimport a\n'''\nimport b", [("b",)]),
        ('x = """a\n\\"""\nimport a"""\nimport b', [("b",)]),
        ("x = 'it\\'s'  # don't '''\nimport b", [("b",)]),
        ("def f():\n    import a\nimport b", [("b",)]),
        ("async def f():\n    import a\nimport b", [("b",)]),
        ("class A:\n    import a\n    def f(self):\n        import b", [("a",)]),
        ("def f(\n    a,\n):\n    import a\n", []),
        ("def f():\n    x = (a\n         if b else c)\n    import y", []),
        ("if TYPE_CHECKING:\n    import a\nelse:\n    import b", [("b",)]),
        ("if not typing.TYPE_CHECKING:\n    import a\nelse:\n    import b", [("a",)]),
        ("if x and TYPE_CHECKING:\n    import a\n", []),
        ("if x or TYPE_CHECKING:\n    import a\n", [("a",)]),
        ("if __name__ == '__main__':\n    import a\n", []),
        (
            "if x:\n    import a\nelif y:\n    import b\nelse:\n    import c",
            [("a",), ("b",), ("c",)],
        ),
        ("try: import a\nexcept ImportError: import b", [("a",), ("b",)]),
        ("with x:\n\timport a\n", [("a",)]),
        ("raise x(\n) \\\n  from e\nimport a\n", [("a",)]),
        ("important = 1\nfrom_x = 2\n", []),
        ("import a\r\nimport b\r", [("a",), ("b",)]),
        ("\ufeffimport a", [("a",)]),
    ],
)
def test_module_level_imports(text, expected):
    assert found(text) == expected


def test_a_guard_is_an_except_clause_that_catches_import_error():
    text = (
        "try:\n  import a\n  if x:\n    import b\nexcept (ValueError, ImportError):\n  import c\n"
    )
    assert [i.guarded for i in scan_imports(text.encode()).imports] == [True, True, False]
    assert not scan_imports(b"try:\n  import a\nexcept KeyError:\n  pass").imports[0].guarded


def test_a_line_number_survives_strings_and_continuations():
    source = b'"""\n\n"""\nx = "a\\\nb"\nfrom . import y\n'
    assert scan_imports(source).imports == (
        Import("", ("y",), 1, 6, at_import=True, guarded=False),
    )


@given(st.text(alphabet="import from as()\\\n'\"#:;, \t.abdeftry", max_size=300))
def test_any_text_is_scanned(text):
    scan_imports(text.encode())


@pytest.mark.parametrize(
    "line",
    [
        b"'" + b"\\'" * 200_000,
        b'"""' * 100_001,
        b"from a import (\n" * 50_000,
        b"import\n" * 99_999,
        b"from x\n" * 99_999,
        b"if x:\n" * 99_999 + b"import",
        b"from " + b" a" * 200_000,
    ],
)
def test_hostile_text_takes_linear_time(line):
    scan_imports(line + b"\nimport a")


CALLS = "__import__('x') is a call, which the scanner leaves to the ast"
DIFFERENT = {
    "_distutils_hack/override.py": CALLS,
    "pip/_internal/locations/_distutils.py": CALLS,
    "pip/_vendor/pkg_resources/__init__.py": CALLS,
    "pkg_resources/__init__.py": CALLS,
    "setuptools/_distutils/__init__.py": CALLS,
    "setuptools/_distutils/_macos_compat.py": CALLS,
    "setuptools/command/build_ext.py": CALLS,
    "setuptools/dist.py": CALLS,
}


def differences(root):
    for path in sorted(root.rglob("*.py")):
        data = path.read_bytes()
        source = parse_python_source(data)
        executed = tuple(i for i in source.imports if i.at_import)
        if source.error is None and scan_imports(data).imports != executed:
            yield str(path.relative_to(root))


@pytest.mark.real
def test_the_scanner_equals_the_ast_on_the_standard_library():
    assert list(differences(Path("/usr/lib/python3.11"))) == []


@pytest.mark.real
def test_the_scanner_equals_the_ast_on_site_packages():
    assert set(differences(wheels_venv() / "lib/python3.11/site-packages")) == set(DIFFERENT)
