"""What an embedded Python would import from, right or wrong."""

import pytest

from hostprobe.model.python.embedded import EmbeddedPython
from hostprobe.model.python.environment import Environments, Wanted
from tests.model.memory_files import FIFO, MemoryFiles, elf

TAG = "cpython-311-x86_64-linux-gnu.so"
DEBIAN = {
    "/usr/bin/python3": "",
    "/usr/bin/python3.11": "",
    "/usr/lib/python3.11/os.py": "",
    f"/usr/lib/python3.11/lib-dynload/_json.{TAG}": elf(),
    "/usr/lib/python3/dist-packages/six.py": "",
    "/usr/local/lib/python3.11/dist-packages/x.py": "",
}
VENV = DEBIAN | {
    "/v/pyvenv.cfg": "home = /usr/bin\nversion = 3.11.2\n",
    f"/v/lib/python3.11/site-packages/lxml/etree.{TAG}": elf(),
}
STDLIB = ("/usr/lib/python3.11", "/usr/lib/python3.11/lib-dynload")
PYTHON = EmbeddedPython("3.11", libpython="/usr/lib/x86_64-linux-gnu/libpython3.11.so.1.0")


def environment(contents, python=PYTHON, links=(), variables=None, **wanted):
    files = MemoryFiles(contents, links)
    return Environments(files, python, variables).of(Wanted(**wanted))


def test_debians_python_has_dist_packages():
    found = environment(DEBIAN)
    local, packages = "/usr/local/lib/python3.11/dist-packages", "/usr/lib/python3/dist-packages"
    assert found.search_path == (*STDLIB, local, packages)
    assert (found.prefix, found.executable) == ("/usr", "/usr/bin/python3.11")
    assert [(one.module, one.is_stdlib) for one in found.extensions] == [("_json", True)]
    assert found.problems == ()


def test_a_virtual_environment_has_the_base_standard_library_and_its_own_packages():
    found = environment(VENV, home="/v")
    assert found.search_path == (*STDLIB, "/v/lib/python3.11/site-packages")
    assert [one.module for one in found.extensions] == ["_json", "lxml.etree"]
    assert (found.pyvenv.version, found.home_versions, found.prefix) == (
        "3.11.2",
        ("3.11",),
        "/usr",
    )


def test_a_virtual_environment_may_include_the_systems_packages():
    cfg = {"/v/pyvenv.cfg": "home = /usr/bin\ninclude-system-site-packages = true\n"}
    found = environment(VENV | cfg, home="/v")
    assert found.search_path[-1] == "/usr/lib/python3/dist-packages"


@pytest.mark.parametrize(
    ("home", "expected"),
    [
        ("/v9", ("/usr/lib/python3.11", ("3.9",), True)),
        ("/opt/py310", (None, ("3.10",), True)),
        ("/nowhere", (None, (), False)),
        ("/usr/bin/python3", (None, (), False)),
        ("/empty", (None, (), True)),
    ],
)
def test_a_wrong_home_is_described(home, expected):
    contents = DEBIAN | {
        "/v9/pyvenv.cfg": "home = /usr/bin\nversion = 3.9.2\n",
        "/v9/lib/python3.9/site-packages/a/b.cpython-39-x86_64-linux-gnu.so": elf(),
        "/opt/py310/lib/python3.10/os.py": "",
        "/empty/x": "",
    }
    found = environment(contents, home=home)
    assert (found.stdlib, found.home_versions, found.is_home_directory) == expected
    assert found.version == "3.11"


def test_python_path_comes_first_with_what_its_pth_files_add():
    contents = DEBIAN | {
        "/p/a.pth": "# x\n/q\n../r\nmissing\nimport evil\n", "/q/x.py": "", "/r/x.py": "",
        "/home/x.py": "",
    }  # fmt: skip
    found = environment(
        contents, python_path=("/p", "/usr/lib/python3/dist-packages"), directory="/home"
    )
    assert found.search_path[:5] == ("/home", "/p", "/q", "/r", STDLIB[0])


def test_pythonpath_and_pythonhome_of_the_start_count():
    contents = DEBIAN | {"/h/lib/python3.11/os.py": ""}
    found = environment(contents, variables={"PYTHONPATH": "/a:/b", "PYTHONHOME": "/h"})
    assert found.search_path[:3] == ("/a", "/b", "/h/lib/python3.11")
    assert environment(contents, variables={"PATH": "/h/bin:/usr/bin"}).prefix == "/usr"


def test_the_first_python3_on_path_decides_the_prefix():
    contents = DEBIAN | {"/usr/local/bin/python3": "", "/usr/local/lib/python3.11/os.py": ""}
    assert environment(contents).prefix == "/usr/local"


def test_extensions_of_another_abi_are_foreign_unless_one_fits():
    base = "/v/lib/python3.11/site-packages"
    contents = VENV | {
        f"{base}/a/x.cpython-39-x86_64-linux-gnu.so": elf(),
        f"{base}/a/y.cpython-39-x86_64-linux-gnu.so": elf(),
        f"{base}/a/y.abi3.so": elf(),
        f"{base}/a/z.cpython-311-aarch64-linux-gnu.so": elf(),
    }
    found = environment(contents, home="/v")
    names = [path.rpartition("/")[2] for path in found.foreign_extensions]
    assert names == ["x.cpython-39-x86_64-linux-gnu.so", "z.cpython-311-aarch64-linux-gnu.so"]
    assert "a.y" in [one.module for one in found.extensions]


def test_an_untagged_object_is_an_extension_only_with_its_entry_point():
    base = "/v/lib/python3.11/site-packages"
    contents = VENV | {
        f"{base}/good.so": elf("PyInit_good"), f"{base}/libz.so": elf("deflate"),
        f"{base}/pkg/sub.so": elf("PyInit_sub"), f"{base}/fifo.so": FIFO,
        f"{base}/not-a-name.so": elf("PyInit_x"), f"{base}/numpy.libs/libx.so": elf(),
    }  # fmt: skip
    modules = [one.module for one in environment(contents, home="/v").extensions]
    assert modules == ["_json", "good", "lxml.etree", "pkg.sub"]


def test_the_first_directory_on_the_path_has_the_module():
    contents = VENV | {f"/p/lxml/etree.{TAG}": elf()}
    (found,) = [one for one in environment(contents, home="/v", python_path=("/p",)).extensions
                if one.module == "lxml.etree"]  # fmt: skip
    assert found.path == f"/p/lxml/etree.{TAG}"


def test_symlink_loops_end():
    base = "/v/lib/python3.11/site-packages"
    links = {f"{base}/lxml/again": "..", f"{base}/self": "self", "/v/lib64": "lib"}
    found = environment(VENV, links=links, home="/v")
    assert [one.module for one in found.extensions] == ["_json", "lxml.etree"]


def test_the_root_directory_on_the_path_leaves_the_kernels_trees_out():
    contents = DEBIAN | {f"/{name}/deep/x.{TAG}": elf() for name in ("proc", "sys", "dev", "own")}
    found = environment(contents, python_path=("/",)).extensions
    assert [one.path for one in found if "/deep/" in one.path] == [f"/own/deep/x.{TAG}"]


def test_python_path_of_another_version_is_foreign():
    paths = ("/v/lib/python3.9/site-packages", "/v/lib/python3.11/site-packages/", "/srv/python3.9")
    assert environment(VENV, python_path=paths).foreign_paths == paths[:1]


def test_an_import_hook_of_an_editable_install_is_a_problem():
    base = "/v/lib/python3.11/site-packages"
    contents = VENV | {
        f"{base}/__editable__.app.pth": "import __editable___app_finder",
        f"{base}/distutils-precedence.pth": "import os",
        f"{base}/broken.pth": FIFO,
    }
    problems = environment(contents, home="/v").problems
    assert [problem.partition(":")[0].rpartition("/")[2] for problem in problems] == [
        "__editable__.app.pth",
        "broken.pth",
    ]


def test_fedoras_python_lives_in_lib64():
    contents = {
        "/usr/bin/python3": "", "/usr/lib64/python3.12/os.py": "", "/usr/bin/python3.12": "",
        "/usr/lib64/python3.12/site-packages/x.py": "",
        "/usr/lib/python3.12/site-packages/y.py": "",
        "/usr/local/lib/python3.12/site-packages/z.py": "",
    }  # fmt: skip
    found = environment(contents, EmbeddedPython("3.12"))
    packages = "python3.12/site-packages"
    assert found.search_path == (
        "/usr/lib64/python3.12", "/usr/lib64/python3.12/lib-dynload", f"/usr/local/lib/{packages}",
        f"/usr/lib64/{packages}", f"/usr/lib/{packages}",
    )  # fmt: skip


def test_equal_wishes_share_an_environment():
    environments = Environments(MemoryFiles(VENV), PYTHON)
    assert environments.of(Wanted(home="/v")) is environments.of(Wanted(home="/v"))


def test_an_unknown_version_describes_nothing_false():
    found = environment(VENV, EmbeddedPython("", problems=("/m: no",)), home="/v")
    assert (found.version, found.stdlib, found.extensions) == ("", None, ())
    assert found.problems == ("/m: no",)
