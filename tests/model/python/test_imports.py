"""What a script reaches, in the order of the interpreter."""

import pytest

from hostprobe.model.instance import PythonEnvironment
from hostprobe.model.python import imports, own_code
from hostprobe.model.python.imports import Imports
from tests.model.memory_files import FIFO, MemoryFiles, elf

SITE = "/v/site-packages"
TAG = "cpython-311-x86_64-linux-gnu.so"


def environment(*search_path, stdlib="/lib/python"):
    return PythonEnvironment(
        version="3.11", patch=None, home=None, home_where=None, pyvenv=None, prefix="/usr",
        executable=None, search_path=(*search_path, "/lib/python", "/lib/python/lib-dynload", SITE),
        extensions=(), stdlib=stdlib, suffixes=(f".{TAG}", ".abi3.so", ".so"),
        built_in=frozenset({"sys"}),
    )  # fmt: skip


def reach(script, contents=(), links=(), path=(), scripts=frozenset(), **options):
    """`contents`: "site:a/b" below site-packages, "lib:" below the standard library, else /app."""
    places = {"site": SITE, "lib": "/lib/python"}
    files = {"/app/app.wsgi": script, "/lib/python/os.py": ""}
    for name, content in dict(contents).items():
        place, colon, rest = name.partition(":")
        full = f"{places[place]}/{rest}" if colon else f"/app/{name}"
        files[full.replace("@", TAG)] = content
    environment_ = environment(*path)
    return Imports(MemoryFiles(files, links), environment_).reach(
        "/app/app.wsgi", scripts=scripts, **options
    )


def modules(*arguments, **options):
    return [one.module for one in reach(*arguments, **options).extensions]


X, Y = {"site:x.@": elf()}, {"site:y.@": elf()}


@pytest.mark.parametrize(
    ("script", "contents", "expected"),
    [
        ("import x, y", X | Y, ["x", "y"]),
        ("import y; import x", X | Y, ["y", "x"]),
        ("import a\nimport x", X | Y | {"site:a.py": "import y"}, ["y", "x"]),
        (
            "import p.q.m",
            {"site:p/__init__.py": "import x", "site:p/q/__init__.py": "", "site:p/q/m.@": ""} | X,
            ["x", "p.q.m"],
        ),
        ("from p import m, missing", {"site:p/__init__.py": "", "site:p/m.abi3.so": ""}, ["p.m"]),
        (
            "import p.n",
            {
                "site:p/__init__.py": "",
                "site:p/n.py": "from . import m\nfrom .o import a",
                "site:p/m.@": "",
                "site:p/o.@": "",
            },
            ["p.m", "p.o"],
        ),
        ("import p", {"site:p/__init__.py": "from .... import m", "site:m.@": ""}, []),
        ("import p.m", {"site:p/m.@": ""}, ["p.m"]),
        ("import p", {"site:p/__init__.@": ""}, ["p"]),
        ("import m", {"site:m.@": "", "site:m.py": "import x"} | X, ["m"]),
        ("import m", {"site:m/__init__.py": "import x", "site:m.@": ""} | X, ["x"]),
        ("import a", {"site:a.py": "import b", "site:b.py": "import a, x"} | X, ["x"]),
        ("import sys.m", {"site:sys/m.@": ""}, []),
        (
            "import psycopg2._psycopg",
            {
                "site:psycopg2/_psycopg.@": "",
                "lib:ssl.py": "import _ssl",
                "lib:lib-dynload/_ssl.@": "",
            },
            ["psycopg2._psycopg", "_ssl"],
        ),
        (
            "import a",
            {"site:a.py": "def f():\n  import x\nif TYPE_CHECKING:\n  import y"} | X | Y,
            [],
        ),
        (
            "import a",
            {"site:a.py": "try:\n  import x\nexcept ImportError:\n  import y"} | X | Y,
            ["x"],
        ),
        (
            "import a",
            {"site:a.py": "try:\n  import gone\nexcept ImportError:\n  import y"} | Y,
            ["y"],
        ),
        ("import a", {"site:a.pyc": "import x"} | X, []),
        ("import c", {"lib:c.py": "import _c", "lib:lib-dynload/_c.@": ""}, ["_c"]),
    ],
)
def test_module_level_imports_are_followed(script, contents, expected):
    assert modules(script, contents) == expected


def test_every_import_of_own_files_counts_after_those_that_run_at_import():
    contents = {"views.py": "def f():\n    import x\n", "site:z.@": ""} | X | Y
    script = "def application(e, s):\n    import y\nimport views\nimport z\n"
    assert modules(script, contents, path=("/app",)) == ["z", "y", "x"]


def test_own_files_that_nothing_imports_count_last_but_not_tests_tools_and_other_scripts():
    contents = {
        "settings.py": "import x", "pkg/__init__.py": "", "pkg/urls.py": "from .deep import y",
        "pkg/deep.py": "import y", "test_a.py": "import gone1", "tests/a.py": "import gone2",
        "setup.py": "import gone3", "other.py": "import gone4", "venv/pyvenv.cfg": "",
        "venv/lib/a.py": "import gone5", "node_modules/a.py": "import gone6",
    }  # fmt: skip
    found = reach("", contents | X | Y, path=("/app",), scripts=frozenset({"/app/other.py"}))
    assert [one.module for one in found.extensions] == ["x", "y"]
    assert found.problems == ()


def test_the_script_extends_the_search_path():
    script = "import os, sys\nsys.path.insert(0, os.path.dirname(__file__) + '/lib')\nimport m"
    assert modules(script, {"lib/m.@": ""}) == ["m"]
    assert modules("import m", {"lib/m.@": ""}) == []


def test_the_scripts_directory_is_not_on_the_path():
    found = reach("import m", {"m.@": ""})
    assert found.extensions == ()
    assert found.problems == ("/app/app.wsgi:1: no module m on the search path",)


def test_what_hides_imports_is_a_problem():
    script = "import sys\nsys.path.append(x)\n__import__(name)\n"
    script += "try:\n  import gone\nexcept ImportError: pass\n"
    problems = reach(script).problems
    assert [problem.partition(": ")[2] for problem in problems] == [
        "sys.path is changed in a computed way, line 2",
        "imports a module by a computed name",
    ]


def test_a_script_that_does_not_compile_is_scanned_by_lines():
    found = reach("import x\nprint 'two'\n", X)
    assert [one.module for one in found.extensions] == ["x"]
    assert len(found.problems) == 1
    assert "line 2" in found.problems[0]


@pytest.mark.parametrize("script", [FIFO, b"\0", "(" * 3000])
def test_an_unreadable_script_is_a_problem(script):
    assert reach(script).problems


def test_a_missing_script_is_a_problem():
    (problem,) = Imports(MemoryFiles({}), environment()).reach("/app/app.wsgi").problems
    assert "/app/app.wsgi" in problem


def test_without_a_standard_library_nothing_runs():
    files = MemoryFiles({"/app/a.wsgi": "import x"})
    found = Imports(files, environment(stdlib=None)).reach("/app/a.wsgi")
    assert found.extensions == ()
    assert "no standard library" in found.problems[0]


def test_symlink_loops_end():
    links = {"/app/loop": "..", "/app/self": "self", f"{SITE}/p": "."}
    assert modules("import p.p.p.x", X, links=links) == ["p.p.p.x"]


def test_a_limit_is_a_problem(monkeypatch):
    monkeypatch.setattr(imports, "MAX_MODULES", 2)
    contents = {f"site:m{n}.py": f"import m{n + 1}" for n in range(9)}
    assert "more than 2 modules" in reach("import m0", contents).problems[0]
    monkeypatch.setattr(imports, "MAX_OWN_FILES", 3)
    contents = {f"m{n}.py": "" for n in range(9)}
    assert "too many files" in reach("", contents).problems[0]


def test_a_thousand_nested_packages_end():
    name = ".".join(["p"] * 1000)
    assert modules(f"import {name}", {}, links={f"{SITE}/p": "."}) == []


def test_undecodable_names_are_only_names():
    contents = {"caf\udce9.py": "import x", "site:caf\udce9.@": elf()}
    assert modules("", contents | X) == ["x"]


def test_own_roots_are_never_broad_or_installed():
    candidates = ["/", "/srv", "/srv/app/", "/srv/app", "/v/lib/site-packages/x", "relative"]
    assert own_code.own_roots(candidates) == ("/srv/app",)


def test_a_directory_with_installed_packages_is_not_own_code():
    contents = {"lib:p/Django-5.dist-info/RECORD": "", "lib:p/a.py": "def f():\n    import x\n"} | X
    script = "import sys\nsys.path.append('/lib/python/p')\nimport a\n"
    assert modules(script, contents) == []
    del contents["lib:p/Django-5.dist-info/RECORD"]
    assert modules(script, contents) == ["x"]


def test_applications_share_what_libraries_import():
    class Counting(MemoryFiles):
        reads = 0

        def read(self, path, kind):
            Counting.reads += 1
            return super().read(path, kind)

    contents = {f"{SITE}/m{n}.py": f"import m{n + 1}" for n in range(50)}
    contents |= {f"/a{n}/app.wsgi": "import m0" for n in range(20)}
    shared = Imports(Counting(contents), environment())
    for n in range(20):
        shared.reach(f"/a{n}/app.wsgi")
    assert Counting.reads < 100


def test_a_directory_is_no_module_file():
    contents = {"site:x.@/note": "", "site:x.py": "import y"} | Y
    assert modules("import x", contents) == ["y"]


TRY = "try:\n    import x\nexcept ImportError:\n    x = None\n"
LIBRARY = {"site:a.py": TRY, "site:b.py": "import x", "site:c.py": "import a"}


@pytest.mark.parametrize(
    ("script", "contents", "is_guarded"),
    [
        (TRY, {}, True),
        ("import x", {}, False),
        (f"{TRY}import x", {}, False),
        ("import a", LIBRARY, True),
        ("import c", LIBRARY, True),
        ("import a, b", LIBRARY, False),
        ("import b, a", LIBRARY, False),
        (TRY.replace("import x", "import b"), LIBRARY, True),
        (f"{TRY.replace('import x', 'import b')}import b", LIBRARY, False),
        ("import own", {"own.py": TRY}, True),
        ("import own", {"own.py": "import x"}, False),
        (TRY.replace("import x", "import own"), {"own.py": "import x"}, True),
        ("def f():\n    import x\n", {}, False),
        ("def f():\n" + "".join(f"    {line}\n" for line in TRY.splitlines()), {}, True),
        (TRY.replace("ImportError", "ValueError"), {}, False),
        (TRY.replace("import x", "import y").replace("x = None", "import x"), {}, False),
    ],
)
def test_an_extension_is_guarded_where_every_way_to_it_catches_import_errors(
    script, contents, is_guarded
):
    (found,) = reach(script, X | contents, path=("/app",)).extensions
    assert (found.module, found.is_guarded) == ("x", is_guarded)


def test_files_beside_and_settings_are_ways_too():
    settings = "import os\nos.environ['DJANGO_SETTINGS_MODULE'] = 'conf'\n"
    for script, name in (("", "views.py"), (settings, "conf.py")):
        (found,) = reach(TRY + script, X | {name: "import x"}).extensions
        assert not found.is_guarded
