"""Which files an Include means."""

import pytest

from hostprobe.facts.files import Missing
from hostprobe.facts.httpd import HttpdStart
from hostprobe.model.httpd.evaluate import evaluate
from hostprobe.model.httpd.include import absolute, find_included
from tests.model.httpd.configuration import BUILD, fatal
from tests.model.memory_files import MemoryFiles

TREE = {
    "/e/a.conf": "", "/e/B.conf": "", "/e/.hidden.conf": "", "/e/a.conf~": "",
    "/e/d1/x.conf": "", "/e/d2/x.conf": "", "/e/d2/sub/y.conf": "", "/e/d2/sub/.z": "",
}  # fmt: skip
LINKS = {"/e/d3": "d2", "/e/l.conf": "a.conf", "/e/loop/again": "/e/loop"}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/e/a.conf", ["a.conf"]),
        ("/e/none.conf", ["none.conf"]),
        ("/e/*.conf", ["B.conf", "a.conf", "l.conf"]),
        ("/e/.*.conf", [".hidden.conf"]),
        ("/e/[!a]*.conf", ["B.conf", "l.conf"]),
        ("/e/?.conf", ["B.conf", "a.conf", "l.conf"]),
        ("/e/a.conf[~]", ["a.conf~"]),
        ("/e/d2", ["d2/sub/.z", "d2/sub/y.conf", "d2/x.conf"]),
        ("/e/d*/x.conf", ["d1/x.conf", "d2/x.conf"]),
        ("/e/d?", ["d1/x.conf", "d2/sub/.z", "d2/sub/y.conf", "d2/x.conf",
                   "d3/sub/.z", "d3/sub/y.conf", "d3/x.conf"]),
        ("/e/d2/*/y.conf", ["d2/sub/y.conf"]),
    ],
)  # fmt: skip
def test_files_are_found_in_httpds_order(path, expected):
    included = find_included(MemoryFiles(TREE, LINKS), path, is_optional=False)
    assert included.paths == [f"/e/{name}" for name in expected]
    assert included.errors == []


@pytest.mark.parametrize("path", ["/none.conf", "/none/*.conf", "/e/*.none", "/e/*/none*"])
def test_an_optional_include_never_fails(path):
    included = find_included(MemoryFiles(TREE, LINKS), path, is_optional=True)
    assert (included.paths, included.errors) == ([], [])


@pytest.mark.parametrize(
    ("path", "error"),
    [
        ("/none/*.conf", "Could not open directory"),
        ("/e/*.none", "No matches for the wildcard '*.none' in '/e'"),
        ("/e/loop", "exceeds the maximum include directory nesting level of 128"),
    ],
)
def test_a_required_include_says_why_it_fails(path, error):
    links = {f"/e/loop/{name}": "/e/loop" for name in "ab"}
    files = MemoryFiles(TREE | {"/e/loop/c": ""}, links)
    (found,) = find_included(files, path, is_optional=False).errors
    assert error in found


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("a", "/r/a"),
        ("/a", "/a"),
        ("../a", "/a"),
        ("./b//c/.", "/r/b/c"),
        ("//a", "/a"),
        ("", "/r"),
    ],
)
def test_paths_are_joined_with_the_server_root(path, expected):
    assert absolute("/r", path) == expected


@pytest.mark.parametrize("include", ["d", "d/*.conf"])
def test_a_directory_that_is_closed_to_us_is_no_fault_of_the_configuration(include):
    files = MemoryFiles({"/e/main.conf": f"Include {include}\n", "/e/d/a.conf": ""})
    names = files.list
    denied = Missing("/e/d: permission denied")
    files.list = lambda path: denied if path == "/e/d" else names(path)
    configuration = evaluate(files, HttpdStart("/bin/httpd", "main.conf", "/e"), BUILD)
    assert configuration.unread == ("Could not open directory /e/d: permission denied",)
    assert not fatal(configuration)
