"""Known lines of the error log as findings, and what they confirm."""

from hostprobe_checks.log_signature import log_signature

from hostprobe.check import Certainty, Finding, Severity
from hostprobe.confirmation import confirmed
from hostprobe.engine import Outcome, Result
from hostprobe.model.error_logs import read_error_logs
from tests.model.wsgi_configuration import configured, host

LOG = "/logs/error_log"
ALIAS = "WSGIScriptAlias /shop /srv/shop/a.wsgi\n"
SHOP = "/shop (/srv/shop/a.wsgi)"
SO = "/venv/_fast.so"
TLS = f"ImportError: {SO}: cannot allocate memory in static TLS block\n"
ENCODINGS = "ModuleNotFoundError: No module named 'encodings'\n"
START = "AH00489: x configured -- resuming normal operations\n"


def run(log, text=ALIAS):
    return list(log_signature.body(read_error_logs(*configured(text, {LOG: log}))))


def test_it_fires_once_for_a_signature_and_application():
    (finding,) = run(TLS * 3)
    assert finding.title.startswith("The space for static TLS is used up")
    assert (finding.severity, finding.certainty) == (Severity.high, Certainty.observed)
    assert finding.affected == (SHOP,)
    assert finding.evidence["count"] == 3
    assert finding.remedy == (
        "Run `hostprobe scan --select static-tls-exhausted` and do what it says.",
    )


def test_it_fires_low_for_what_was_before_the_last_start():
    (finding,) = run(TLS + START)
    assert finding.severity is Severity.low
    assert finding.confirms == ()
    assert "before the last start" in finding.title


def test_it_is_silent_for_a_healthy_log():
    assert run(START + "ValueError: x\nAH01630: client denied by server configuration: /x\n") == []


def test_it_is_silent_without_a_log():
    assert list(log_signature.body(read_error_logs(*configured(ALIAS)))) == []


def test_a_log_that_goes_elsewhere_is_only_information():
    text = ALIAS + host("a", "ErrorLog syslog")
    (finding,) = run("", text)
    assert finding.severity is Severity.info
    assert "system's log" in finding.title


def prediction(check, subject="", severity=Severity.high, affected=(SHOP,)):
    finding = Finding(subject, "", severity, Certainty.likely, affected=affected)
    return Result(check, Outcome.found, findings=(finding,))


def certainties(log, *predictions, text=ALIAS):
    witness = Result("log-signature", Outcome.found, findings=tuple(run(log, text)))
    found = confirmed((*predictions, witness), ["/c"])
    return [finding.certainty.name for result in found[:-1] for finding in result.findings]


def test_the_finding_that_explains_a_line_becomes_observed():
    assert certainties(TLS, prediction("static-tls-exhausted", f"object:{SO}")) == ["observed"]
    critical = prediction("python-mismatch", severity=Severity.critical)
    assert certainties(ENCODINGS, critical) == ["observed"]


def test_findings_about_something_else_stay_predicted():
    assert certainties(TLS, prediction("static-tls-exhausted", "object:/venv/_x.so")) == ["likely"]
    assert certainties(TLS, prediction("executable-stack", f"object:{SO}")) == ["likely"]
    assert certainties(ENCODINGS, prediction("python-mismatch", severity=Severity.low)) == [
        "likely"
    ]
    other = prediction("python-mismatch", severity=Severity.critical, affected=("/blog",))
    assert certainties(ENCODINGS, other) == ["likely"]


def test_a_line_from_before_the_last_start_confirms_nothing():
    assert certainties(TLS + START, prediction("static-tls-exhausted", SO)) == ["likely"]


def test_a_line_about_the_whole_httpd_confirms_the_only_finding_of_its_check():
    two = ALIAS + "WSGIScriptAlias /blog /srv/shop/b.wsgi\n"
    one = prediction("python-mismatch", severity=Severity.critical)
    assert certainties(ENCODINGS, one, text=two) == ["observed"]
    both = Result("python-mismatch", Outcome.found, findings=one.findings * 2)
    assert certainties(ENCODINGS, both, text=two) == ["likely", "likely"]


def test_what_it_saw_stands_in_the_confirmed_finding():
    witness = Result("log-signature", Outcome.found, findings=tuple(run(TLS)))
    found = confirmed((prediction("static-tls-exhausted", SO), witness), ["/c"])
    assert SO in found[0].findings[0].evidence["seen_in_error_log"]
