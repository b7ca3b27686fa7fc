"""What a source file does, as its tree tells."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostprobe.collect.codec import decode, encode
from hostprobe.facts.acts import UNKNOWN, Entries, FilePath, Items, Named
from hostprobe.facts.python import PythonSource
from hostprobe.parse import python_kept
from hostprobe.parse.python_source import MAX_TREE, parse_python_source


def acts(text):
    source = parse_python_source(text.encode())
    assert source.error is None
    return source.acts


def calls(text):
    return [(one.name, *one.args) for one in acts(text).calls]


def changes(text):
    return [(one.kind, one.variable, one.value) for one in acts(text).environment]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("import time\ntime.tzset()", ("time.tzset",)),
        ("import time as t\nt.tzset()", ("time.tzset",)),
        ("from time import tzset as z\nz()", ("time.tzset",)),
        ("def f():\n  import time\n  time.tzset()", ("time.tzset",)),
        ("import os.path\nos.path.expanduser('~')", ("os.path.expanduser", "~")),
        ("import os\np = os.path\np.exists('x')", ("os.path.exists", "x")),
        ("open('a')", ("open", "a")),
        ("open(__file__)", ("open", FilePath("./__file__"))),
        (
            "import os\nH = os.path.dirname(__file__)\ndef f(): open(os.path.join(H, 'a'))",
            ("open", FilePath("./a")),
        ),
        ("from pathlib import Path\n(Path(__file__).parent / 'a').open()",
         ("pathlib.Path.open", FilePath("./a"))),
        ("import pathlib\npathlib.Path('a').read_text()", ("pathlib.Path.read_text", "a")),
        ("import os\nos.chdir('../a/' + 'b')", ("os.chdir", "../a/b")),
        ("import sys\nsys.stdin.read(-1)", ("sys.stdin.read", -1)),
        ("from sys import stdout as o\no.write('x')", ("sys.stdout.write", "x")),
        (
            "import signal\nsignal.signal(signal.SIGTERM, f)",
            ("signal.signal", Named("signal.SIGTERM"), UNKNOWN),
        ),
        (
            "import pickle\nclass A: pass\npickle.dumps(A())",
            ("pickle.dumps", Named("A()", is_own=True)),
        ),
        (
            "import pickle\nfrom .m import A\npickle.dumps(A)",
            ("pickle.dumps", Named(".m.A")),
        ),
        (
            "import sqlite3\nc = sqlite3.connect('d')\nc.create_function('f', 1, len)",
            ("sqlite3.connect", "d"),
        ),
        ("loop.add_signal_handler(15)", ("?.add_signal_handler", 15)),
        ("import os\nos.environ['HOME']", ("os.environ.__getitem__", "HOME")),
        ("import os\nx = [os.getenv('A') for b in c]", ("os.getenv", "A")),
        ("import os\nos.chdir(*a)", ("os.chdir", UNKNOWN)),
        ("try:\n  import cPickle as p\nexcept ImportError:\n  import pickle as p\np.dumps(1)",
         ("pickle.dumps", 1)),
        ("n = 1\nif x:\n  n = 2\nopen(n)", ("open", UNKNOWN)),
        ("n = 1\nif x:\n  n = 1\nopen(n)", ("open", 1)),
        ("open({'a': [1, (2.5, None)], **b})",
         ("open", Entries((("a", Items("list", (1, Items("tuple", (2.5, None))))),
                           (UNKNOWN, UNKNOWN))))),
        ("open(f'{x}')", ("open", UNKNOWN)),
        ("open(1e999)", ("open", UNKNOWN)),
        ("open(0x" + "f" * 9000 + ")", ("open", UNKNOWN)),
        ("lambda: open('a')", ("open", "a")),
        ("with open('a') as f:\n  pass", ("open", "a")),
    ],
)  # fmt: skip
def test_a_call_is_known_by_its_dotted_name_and_constants(text, expected):
    assert calls(text)[0] == expected


@pytest.mark.parametrize(
    "text",
    [
        "if __name__ == '__main__':\n  open('a')",
        "def open(a): pass\nopen('a')",
        "from mine import open\nopen('a')",
        "def f(open):\n  open('a')",
        "def f():\n  for open in x: open('a')",
        "def f(time):\n  time.tzset()",
        "time.tzset()",
        "from . import time\ntime.tzset()",
        "import os\ndef application(environ, start):\n  environ.setdefault('a', 'b')",
        "'abc'.replace('a', 'b')",
        "if False:\n  open('a')",
        "match x:\n  case open:\n    open('a')",
        "try:\n  x()\nexcept E as open:\n  open('a')",
    ],
)
def test_what_is_not_that_function_is_no_call(text):
    assert acts(text).calls == ()
    assert acts(text).environment == ()


OS = "import os\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("os.environ['A'] = 'b'", ("set", "A", "b")),
        ("os.environ.setdefault('A', 'b')", ("default", "A", "b")),
        ("from os import environ as e\ne.setdefault('A', 'b')", ("default", "A", "b")),
        ("s = os.environ.setdefault\ns('A', 'b')", ("default", "A", "b")),
        ("os.environ.update({'A': 'b'})", ("set", "A", "b")),
        ("os.environ.update(A='b')", ("set", "A", "b")),
        ("os.environ.update([('A', 'b')])", ("set", "A", "b")),
        ("os.environ |= {'A': 'b'}", ("set", "A", "b")),
        ("os.environ.update(x)", ("set", None, UNKNOWN)),
        ("os.environ[x] = 'b'", ("set", None, "b")),
        ("N = 'A'\nV = 'b'\nos.environ[N] = V", ("set", "A", "b")),
        ("def f(environ):\n  os.environ['A'] = environ['A']", ("set", "A", UNKNOWN)),
        ("os.environ.pop('A', None)", ("delete", "A", None)),
        ("del os.environ['A']", ("delete", "A", None)),
        ("os.environ.clear()", ("delete", None, None)),
        ("os.putenv('A', 'b')", ("set", "A", "b")),
        ("os.unsetenv('A')", ("delete", "A", None)),
        ("if 'A' not in os.environ:\n  os.environ['A'] = 'b'", ("default", "A", "b")),
        ("if not 'A' in os.environ:\n  os.environ['A'] = 'b'", ("default", "A", "b")),
        ("if not os.environ.get('A'):\n  os.environ['A'] = 'b'", ("default", "A", "b")),
        ("if os.getenv('A') is None:\n  os.environ['A'] = 'b'", ("default", "A", "b")),
        ("if 'B' not in os.environ:\n  os.environ['A'] = 'b'", ("set", "A", "b")),
        ("class A:\n  os.environ['A'] = 'b'", ("set", "A", "b")),
    ],
)
def test_a_change_of_the_environment_in_every_form(text, expected):
    assert changes(OS + text) == [expected]


def test_the_place_says_when_it_runs():
    text = "import os\ndef f():\n  g()\ndef g():\n  os.environ['A'] = 'b'\n"
    (unused,) = acts(text).environment
    (used,) = acts(text + "f()\n").environment
    (class_,) = acts("import os\nclass A:\n  def __init__(s): os.tzset()\nA()").calls
    (loop,) = acts("for x in y:\n  open(x)").calls
    assert (unused.place.at_import, unused.place.function, unused.place.line) == (False, "g", 5)
    assert used.place.at_import
    assert class_.place.at_import
    assert class_.place.function == "A.__init__"
    assert (loop.place.at_import, loop.place.is_conditional) == (True, True)


def test_assignments_to_what_is_imported_are_stores():
    (store,) = acts("import sys\nsys.stdout = sys.stderr").stores
    assert (store.name, store.value) == ("sys.stdout", Named("sys.stderr"))
    (item,) = acts("import sys\nsys.modules['a'] = 1").stores
    assert (item.name, item.key, item.value) == ("sys.modules", "a", 1)


def test_a_stream_that_is_mentioned_is_a_use():
    text = (
        "import sys\nfor line in sys.stdin: pass\nprint('x', file=sys.stdout)\nsys.stdin.read()\n"
    )
    assert [(one.name, one.place.line) for one in acts(text).uses] == [
        ("sys.stdin", 2),
        ("sys.stdout", 3),
        ("sys.stdin", 4),
    ]


def test_bindings_are_the_modules_own_in_order():
    text = "A = 'x'\nif y:\n  A: str = None\nB += 1\nC, D = 1, 2\nclass E:\n  F = 1\ng: int\n"
    found = [(one.name, one.value, one.is_conditional) for one in acts(text).bindings]
    assert found == [
        ("A", "x", False),
        ("A", None, True),
        ("B", UNKNOWN, False),
        ("C", UNKNOWN, False),
        ("D", UNKNOWN, False),
    ]


def test_a_function_that_changes_what_the_module_holds():
    text = """
hits, cache, n = [], {}, 0
def f(x):
    global n
    n += 1
    cache[x] = 1
    hits.append(x)
    cache.last = x
def g(cache):
    cache[1] = 2
    hits = []
    hits.append(1)
cache['a'] = 1
"""
    found = [(one.name, one.how, one.place.function) for one in acts(text).changes]
    assert found == [
        ("n", "global", "f"),
        ("cache", "item", "f"),
        ("hits", "append", "f"),
        ("cache", "attribute", "f"),
    ]


def test_definitions_with_their_decorators_and_bases():
    text = """
from flask import Flask
app = Flask(__name__)
@app.before_request
def f(): pass
class A(Flask, other.B):
    @property
    def g(self): pass
"""
    found = [(one.name, one.is_class, one.decorators, one.bases) for one in acts(text).defined]
    assert found == [
        ("f", False, ("flask.Flask().before_request",), ()),
        ("A", True, (), ("flask.Flask", "other.B")),
        ("A.g", False, ("property",), ()),
    ]


def test_what_is_nested_deeply_costs_only_itself():
    text = "import os\nx = " + " + ".join(["'a'"] * 900) + "\n" + "os" + ".a" * 90 + "()\n"
    text += "os.chdir('a')\n"
    assert calls(text)[-1] == ("os.chdir", "a")


def test_a_long_chain_of_branches_is_no_nesting():
    chain = "if x == 0: pass\n" + "".join(f"elif x == {n}: open('a{n}')\n" for n in range(300))
    (*_, last) = acts(chain + "else: open('b')\n").calls
    assert (last.args, last.place.is_conditional) == (("b",), True)


def test_a_large_table_is_not_kept():
    (binding,) = acts("A = [" + "'x', " * 10_000 + "]").bindings
    assert binding.value == Items("list", (UNKNOWN,))


def test_a_limit_is_said(monkeypatch):
    monkeypatch.setattr(python_kept, "MAX_KEPT", 2)
    assert not acts("open('a')\n" * 3).is_complete
    assert acts("open('a')\n" * 2).is_complete


def test_a_file_too_large_for_a_tree_is_not_complete():
    assert not parse_python_source(b"#" * (MAX_TREE + 1)).acts.is_complete


@given(
    st.binary() | st.text(alphabet="import os\nopen('a').bc[]={}:;def f@|:=\"\t").map(str.encode)
)
def test_any_bytes_are_a_fact_that_a_snapshot_can_hold(data):
    source = parse_python_source(data)
    assert decode(encode(source, PythonSource), PythonSource) == source


@pytest.mark.parametrize("module", ["hostprobe.parse.python_acts", "argparse", "typing", "pickle"])
def test_real_modules_are_facts_that_a_snapshot_can_hold(module):
    with open(__import__(module, fromlist=["x"]).__file__, "rb") as file:  # noqa: PTH123
        source = parse_python_source(file.read())
    assert source.acts.defined
    assert decode(encode(source, PythonSource), PythonSource) == source
