"""What waits for somebody to type."""

import pytest
from hostprobe_checks.stdin_read import stdin_read

from hostprobe.check import Severity
from tests.checks.restricted import block, run

ON, OFF = "WSGIRestrictStdin On", "WSGIRestrictStdin Off"


@pytest.mark.parametrize(
    "body",
    [
        "input()",
        "import sys\nsys.stdin.readline()",
        "breakpoint()",
        "import pdb\ndef f(): pdb.set_trace()",
        "import pdb; pdb.set_trace()",
        "from pdb import set_trace as stop\nstop()",
    ],
)
def test_it_fires_for_what_reads_standard_input(body):
    (finding,) = run(stdin_read, body)
    assert finding.severity is Severity.low
    assert "finds the end of the file" in finding.title


@pytest.mark.parametrize(
    ("text", "version", "severity"),
    [
        ("", "4.9.4", Severity.low),
        (ON, "4.9.4", Severity.medium),
        ("", "2.8", Severity.medium),
        (OFF, "2.8", Severity.low),
        (ON, "6.1.1", Severity.medium),
        (block(ON, "application-group=h|/shop"), "6.1.1", Severity.medium),
        (block(ON, "application-group=h|/blog"), "6.1.1", Severity.low),
    ],
)
def test_it_fires_as_release_and_directive_say(text, version, severity):
    (finding,) = run(stdin_read, "input()", text, version)
    assert finding.severity is severity


@pytest.mark.parametrize(
    "body",
    [
        "if __name__ == '__main__':\n    input()",
        "def input(): pass\ninput()",
        "import sys\nf = open('/x')\nf.readline()",
        "environ = {}\nenviron['wsgi.input'].read()",
    ],
)
def test_it_is_silent_for_what_reads_something_else(body):
    assert run(stdin_read, body, ON) == []
