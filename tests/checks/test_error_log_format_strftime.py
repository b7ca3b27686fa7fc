"""Formats of the error log that do not show what they ask for."""

import pytest
from hostprobe_checks.error_log_format_strftime import error_log_format_strftime

from hostprobe.check import Certainty, Severity
from tests.model.sharing.host import applications


def run(text, version="2.4.71"):
    return list(error_log_format_strftime.body(applications(text, {"a": ""}, version=version)))


def test_it_fires_for_a_percent_sign_among_the_letters():
    (finding,) = run(r'ErrorLogFormat "[%{%cuz}t] [client\ %a] %M \"x\""')
    assert (finding.severity, finding.certainty) == (Severity.low, Certainty.certain)
    assert finding.subject == "directive:/c:3"
    assert finding.remedy[0] == r'/c:3: ErrorLogFormat "[%{cuz}t] [client\ %a] %M \"x\""'
    assert "prints letters" in finding.title


@pytest.mark.parametrize(
    ("asked", "corrected"),
    [("%{cuz}t", "%{cu}t"), ("%{z}t", "%t"), ("%{%F %T}t", "%{c}t"), ("%{%cuz}t", "%{cu}t")],
)
def test_it_fires_for_what_an_older_httpd_ignores(asked, corrected):
    (finding,) = run(f'ErrorLogFormat "{asked} %M"', "2.4.57")
    assert finding.remedy[0].endswith(f'ErrorLogFormat "{corrected} %M"')
    assert "2.4.58" in finding.remedy[1]


def test_it_fires_in_a_virtual_host_and_for_other_kinds():
    text = '<VirtualHost *:80>\nErrorLogFormat connection "%{%cz}t"\n</VirtualHost>'
    (finding,) = run(text)
    assert finding.remedy[0] == '/c:4: ErrorLogFormat connection "%{cz}t"'


@pytest.mark.parametrize("version", ["2.4.57", "2.4.58", None])
@pytest.mark.parametrize(
    "text", ["", 'ErrorLogFormat "[%{u}t] %M"', 'ErrorLogFormat "%{cu}t %t %M"']
)
def test_it_is_silent_for_what_every_release_knows(text, version):
    assert run(text, version) == []


@pytest.mark.parametrize("argument", ["cuz", "%c", "%F %T %z", "%z", "%d/%b/%Y:%T.uc"])
def test_it_is_silent_for_real_formats_since_2_4_58(argument):
    assert run(f'ErrorLogFormat "[%{{{argument}}}t] %M"', "2.4.58") == []


def test_it_is_silent_where_the_release_is_not_known():
    assert run('ErrorLogFormat "[%{%cuz}t] %M"', None) == []
