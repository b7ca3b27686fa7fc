"""Trac for one project and Trac for many in one process."""

import pytest
from hostprobe_checks.environ_mode_clash import environ_mode_clash

from hostprobe.check import Certainty, Severity
from tests.model.sharing.host import daemons, findings, mount

ONE = "os.environ['TRAC_ENV'] = '/srv/trac/one'\n"
MANY = "os.environ['TRAC_ENV_PARENT_DIR'] = '/srv/trac'\n"
POP = "os.environ.pop('TRAC_ENV', None)\n"
SITES = {"one": ONE, "many": MANY}


def run(text="", scripts=SITES):
    return findings(environ_mode_clash, text, scripts)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "WSGIApplicationGroup %{GLOBAL}",
        "WSGIDaemonProcess trac\nWSGIProcessGroup trac",
        mount("one", "application-group=%{GLOBAL}") + "\n" + mount("many"),
    ],
)
def test_it_fires_for_the_one_that_is_overridden(text):
    (finding,) = run(text)
    assert (finding.severity, finding.certainty) == (Severity.high, Certainty.certain)
    assert finding.affected == ("h/many (/srv/many/many.wsgi)",)
    assert "TRAC_ENV wins" in finding.title
    assert finding.evidence["set"] == ["/srv/one/one.wsgi:2", "/srv/many/many.wsgi:2"]
    assert finding.remedy[1].endswith(" /srv/many/many.wsgi process-group=many")


def test_under_a_condition_it_is_only_likely():
    (finding,) = run(scripts=SITES | {"one": "if x:\n    " + ONE})
    assert finding.certainty is Certainty.likely


@pytest.mark.parametrize(
    ("text", "changed"),
    [
        ("", {"many": ONE}),
        ("", {"one": MANY}),
        ("", {"many": POP + MANY}),
        ("", {"many": MANY + "os.environ['TRAC_ENV'] = ''\n"}),
        ("", {"many": "os.environ['OTHER'] = 'x'"}),
        (daemons(*SITES), {}),
        (mount("many", "application-group=%{GLOBAL}") + "\n" + mount("one"), {}),
    ],
)
def test_it_is_silent_where_nobody_is_overridden(text, changed):
    assert run(text, SITES | changed) == []
