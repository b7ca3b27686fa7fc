"""mod_wsgi's directives and options, as 4.9 reads them."""

import pytest

from hostprobe.facts.httpd import Directive, Where
from hostprobe.model.wsgi import OptionError, mount_of, parse_options, script_name, scripts_of
from tests.model.memory_files import FIFO, MemoryFiles


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a=1 b=2", {"a": "1", "b": "2"}),
        ("python-home='/x y' b=\"c d\"", {"python-home": "/x y", "b": "c d"}),
        ("display-name=%{GROUP}", {"display-name": "%{GROUP}"}),
        ("a=b=c", {"a": "b=c"}),
        ("a= b=c", {"a": "b=c"}),
        ("a=1 a=2", {"a": "2"}),
        ("lang=", {"lang": ""}),
        ("  ", {}),
    ],
)
def test_options(text, expected):
    assert parse_options(text) == expected


@pytest.mark.parametrize("text", ["'python-home=/x y'", "python-home", "=x", "a=1 b", "a =1"])
def test_only_the_value_may_be_quoted(text):
    with pytest.raises(OptionError):
        parse_options(text)


def alias(text, name="WSGIScriptAlias"):
    return Directive(name, text, Where("/c", 1, 1))


FILES = MemoryFiles(
    {"/d/a.wsgi": "", "/d/b.wsgi": "", "/d/c.txt": "", "/d/.x": "", "/d/fifo": FIFO, "/d/sub/x": ""}
)


@pytest.mark.parametrize(
    ("directive", "expected"),
    [
        (alias("/ /d/a.wsgi"), [("/", "/d/a.wsgi")]),
        (alias("/x /gone.wsgi"), [("/x", "/gone.wsgi")]),
        (
            alias("/x/ /d/"),
            [("/x/a.wsgi", "/d/a.wsgi"), ("/x/b.wsgi", "/d/b.wsgi"), ("/x/c.txt", "/d/c.txt")],
        ),
        (
            alias("^/y/([^/]+) /d/$1.wsgi", "WSGIScriptAliasMatch"),
            [("^/y/([^/]+)", "/d/a.wsgi"), ("^/y/([^/]+)", "/d/b.wsgi")],
        ),
        (alias("^/y /d/a.wsgi", "WSGIScriptAliasMatch"), [("^/y", "/d/a.wsgi")]),
    ],
)
def test_the_scripts_behind_an_alias(directive, expected):
    mounts, problem = scripts_of(FILES, mount_of(directive))
    assert [(mount.url, mount.script) for mount in mounts] == expected
    assert problem is None


@pytest.mark.parametrize("pattern", ["/$1/app.wsgi", "/d/$1$2.wsgi"])
def test_a_pattern_over_directories_is_not_enumerated(pattern):
    directive = alias(f"^/(.*) {pattern}", "WSGIScriptAliasMatch")
    mounts, problem = scripts_of(FILES, mount_of(directive))
    assert mounts == ()
    assert "cannot be enumerated" in problem


@pytest.mark.parametrize("text", ["/", "", "/ /a.wsgi process-group"])
def test_an_alias_httpd_would_refuse(text):
    with pytest.raises(OptionError):
        mount_of(alias(text))


@pytest.mark.parametrize(
    ("url", "name"), [("/", ""), ("/App/", "/app"), ("//a//b", "/a/b"), ("/a", "/a")]
)
def test_script_names_are_lower_case_without_the_last_slash(url, name):
    assert script_name(url) == name
