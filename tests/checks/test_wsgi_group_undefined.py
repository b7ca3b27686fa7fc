"""Process groups that an application asks for and cannot have."""

import pytest
from hostprobe_checks.wsgi_group_undefined import wsgi_group_undefined

from hostprobe.check import Certainty, Severity
from tests.model.wsgi_configuration import configured, host

ALIAS = "WSGIScriptAlias / /srv/shop/a.wsgi"
LITERAL = f"{ALIAS} process-group=g application-group=%{{GLOBAL}}"
IMPORT = "WSGIImportScript /srv/shop/a.wsgi process-group=g application-group=%{GLOBAL}"
GROUP, USE = "WSGIDaemonProcess g", f"WSGIProcessGroup g\n{ALIAS}"
NAME = "ServerName main\n"


def run(text, contents=()):
    return list(wsgi_group_undefined.body(configured(text, contents)[1]))


@pytest.mark.parametrize(
    ("text", "title"),
    [
        (USE, "No WSGIDaemonProcess defines the process group g"),
        (f"{GROUP}2\n{USE}", "No WSGIDaemonProcess defines the process group g"),
        (f"WSGIDaemonProcess G\n{USE}", "No WSGIDaemonProcess defines the process group g"),
        (f"{ALIAS} process-group=g", "No WSGIDaemonProcess defines the process group g"),
        (host("a", GROUP) + host("b", USE), "of another ServerName"),
        (NAME + host(None, USE) + host("b", GROUP), "of another ServerName"),
        (host("a", GROUP) + USE, "of another ServerName"),
    ],
)
def test_it_fires_where_requests_are_answered_with_500(text, title):
    (finding,) = run(text)
    assert title in finding.title
    assert finding.title.endswith("every request is answered with 500")
    assert (finding.severity, finding.certainty) == (Severity.critical, Certainty.certain)
    assert finding.subject == "process-group:g"
    assert finding.affected[0].endswith("/ (/srv/shop/a.wsgi)")


@pytest.mark.parametrize(
    ("text", "title"),
    [
        (f"{GROUP}\n{GROUP}", "The process group g is defined more than once"),
        (host("a", GROUP) + host("b", GROUP), "The process group g is defined more than once"),
        (f"{LITERAL}\n{GROUP}", "The process group g is asked for before it is defined"),
        (f"{IMPORT}\n{GROUP}", "The process group g is asked for before it is defined"),
        (LITERAL, "No WSGIDaemonProcess defines the process group g"),
        (IMPORT, "No WSGIDaemonProcess defines the process group g"),
        (host("a", GROUP) + host("b", LITERAL), "of another ServerName"),
        (host("a", GROUP) + IMPORT, "of another ServerName"),
        (
            host("a", GROUP) + host(None, f"{LITERAL}\nServerName a"),
            "of another ServerName",
        ),
    ],
)
def test_it_fires_where_httpd_does_not_start(text, title):
    (finding,) = run(text)
    assert title in finding.title
    assert finding.title.endswith("httpd does not start")
    assert finding.affected == ("/c",)


@pytest.mark.parametrize(
    "text",
    [
        f"{GROUP}\n{USE}",
        f"{USE}\n{GROUP}",
        f"{GROUP}\n{LITERAL}\n{IMPORT}",
        ALIAS,
        f"{ALIAS} process-group=%{{GLOBAL}} application-group=%{{GLOBAL}}",
        f"{ALIAS} process-group=%{{ENV:G}} application-group=%{{GLOBAL}}",
        f"{ALIAS} process-group=g application-group=%{{RESOURCE}}\n{GROUP}",
        f"{ALIAS} process-group=g\n{GROUP}",
        host("a", f"{GROUP}\n{USE}", "*:443") + host("a", USE),
        host("a", f"{GROUP}\n{LITERAL}", "*:443") + host("a", LITERAL),
        host("a", USE) + host("a", f"{GROUP}\n{USE}", "*:443"),
        host("a", USE) + GROUP,
        NAME + host(None, f"{GROUP}\n{USE}") + host("main", USE),
        NAME + host(None, GROUP, "192.0.2.1:80") + host("b", USE),
        NAME + host(None, USE, "192.0.2.1:80") + host("b", GROUP),
    ],
)
def test_it_is_silent_where_the_group_can_be_had(text):
    assert run(text) == []


def test_it_is_silent_where_a_program_may_define_groups():
    assert run(f"<Perl>\n</Perl>\n{USE}") == []


def test_one_group_that_many_applications_miss_is_one_finding():
    (finding,) = run("".join(host(name, USE) for name in "abc"))
    assert len(finding.affected) == 3
    assert finding.remedy[0].startswith("Add `WSGIDaemonProcess g` above /c:")
