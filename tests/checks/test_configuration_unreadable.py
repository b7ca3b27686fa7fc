"""What httpd would refuse, or what is not there, as findings; hostprobe's own limits are none."""

import pytest
from hostprobe_checks.configuration_unreadable import configuration_unreadable

from hostprobe.check import Severity
from hostprobe.facts.files import Missing
from tests.model.memory_files import elf
from tests.model.wsgi_configuration import configured

ALIAS = "WSGIScriptAlias /{0} /srv/shop/{0}.wsgi\n"


def run(text, contents=()):
    contents = {"/m/mod_macro.so": elf()} | dict(contents)
    return list(configuration_unreadable.body(configured(text, contents)[1]))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Include /nowhere.conf\n", "/nowhere.conf: no such file"),
        ("<Directory />\n", "<Directory> was not closed"),
        ("</Directory>\n", "without matching"),
        (
            "LoadModule macro_module /m/mod_macro.so\n<Macro m>\nUse m\n</Macro>\nUse m\n",
            "recursive use of macro 'm' is invalid",
        ),
        ("WSGIDaemonProcess g threads=-1\n", "threads=-1 is not a usable number"),
        ("Define a b c\n", "Define takes 1-2 arguments"),
    ],
)
def test_it_fires_for_what_httpd_refuses(text, message):
    (finding,) = run(text)
    assert finding.title.startswith("httpd does not start: ")
    assert message in finding.title
    assert finding.severity is Severity.medium
    assert finding.evidence["problems"][0].endswith("(httpd would not start)")


def test_it_fires_once_for_all_scripts_that_are_not_there():
    (finding,) = run("".join(map(ALIAS.format, "bcde")))
    assert finding.title == "4 WSGI scripts are not there"
    assert finding.remedy[0].endswith("/c:2, /c:3, /c:4 and 1 more.")


def test_it_fires_for_a_program():
    (finding,) = run("<Perl>\nanything\n</Perl>\nPerl x\n")
    assert "is a program" in finding.title
    assert len(finding.evidence["problems"]) == 2


def test_one_message_at_two_lines_is_one_finding():
    (finding,) = run("Define a b c\nDefine x y z\n")
    assert len(finding.evidence["problems"]) == 2


@pytest.mark.parametrize(
    "text",
    [
        ALIAS.format("a"),
        "IncludeOptional /nowhere/*.conf\n",
        "LoadModule other_module /nowhere/other.so\n",
        "WSGIDaemonProcess g\nWSGIDaemonProcess g\n",
        "Alias /x ${UNDEFINED}\n",
        "Include /closed.conf\n",
        ALIAS.format("closed"),
        "AddHandler wsgi-script .py\n",
        "WSGIScriptAliasMatch ^/(.)/(.) /$1/$2\n",
    ],
)
def test_it_is_silent_for_what_is_valid_or_hostprobes_own_limit(text):
    closed = Missing("permission denied")
    assert run(text, {"/closed.conf": closed, "/srv/shop/closed.wsgi": closed}) == []
