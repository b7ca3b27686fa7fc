"""Registrations of signal handlers, ignored or in Apache's way."""

import pytest
from hostprobe_checks.signal_handler_ignored import signal_handler_ignored

from hostprobe.check import Certainty, Severity
from tests.checks.restricted import block, run

OFF = "WSGIRestrictSignal Off"
TERM = "import signal\nsignal.signal(signal.SIGTERM, f)"
USR2 = "import signal\nsignal.signal(signal.SIGUSR2, f)"


@pytest.mark.parametrize(
    ("body", "what"),
    [
        (TERM, "signal.signal(SIGTERM)"),
        ("from signal import *\nimport signal as s\ns.signal(s.SIGUSR2, f)", "(SIGUSR2)"),
        ("import signal\nsignal.signal(15, f)", "(SIGTERM)"),
        ("import signal\nfor each in x: signal.signal(each, f)", "(a signal)"),
        (
            "import asyncio\nasyncio.get_event_loop().add_signal_handler(15, f)",
            "add_signal_handler(SIGTERM)",
        ),
        ("import signal\ndef f(loop): loop.add_signal_handler(2, f)", "add_signal_handler(SIGINT)"),
    ],
)
def test_it_fires_for_every_registration(body, what):
    (finding,) = run(signal_handler_ignored, body)
    assert finding.severity is Severity.medium
    assert what in finding.title
    assert "mod_wsgi ignores it" in finding.title


def test_it_fires_where_a_handler_takes_the_place_of_apaches():
    (finding,) = run(signal_handler_ignored, TERM, OFF)
    assert "takes the place of Apache's own handler" in finding.title
    assert finding.remedy[-1] == "Or take WSGIRestrictSignal Off out (/c:3), and restart httpd."
    assert finding.certainty is Certainty.certain


def test_it_fires_where_the_options_of_another_interpreter_allow_it():
    text = block(OFF, "application-group=%{GLOBAL}")
    (finding,) = run(signal_handler_ignored, USR2, text, "6.1.1")
    assert "mod_wsgi ignores it" in finding.title


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (USR2, OFF),
        (USR2, block(OFF, "process-group=%{GLOBAL}")),
        ("import signal\nsignal.getsignal(signal.SIGTERM)", ""),
        ("if __name__ == '__main__':\n    import signal\n    signal.signal(15, f)", ""),
        ("import atexit\natexit.register(f)", ""),
    ],
)
def test_it_is_silent_for_what_apache_does_not_need(body, text):
    assert run(signal_handler_ignored, body, text, "6.1.1") == []
