"""What writes to standard output, and where that raises."""

import pytest
from hostprobe_checks.stdout_written import stdout_written

from hostprobe.check import Certainty, Severity
from tests.checks.restricted import SCRIPT, block, run

ON, OFF = "WSGIRestrictStdout On", "WSGIRestrictStdout Off"
PRINT = "print('x')"


@pytest.mark.parametrize(
    "body",
    [
        PRINT,
        "print('x', file=None)",
        "import sys\nprint('x', file=sys.stdout)",
        "import sys\nsys.stdout.write('x')",
        "from sys import stdout\nif stdout.isatty(): pass",
        "import sys\nsys.__stdout__.flush()",
    ],
)
def test_it_fires_where_standard_output_is_restricted(body):
    (finding,) = run(stdout_written, body, ON)
    assert finding.severity is Severity.medium
    assert finding.certainty is Certainty.certain
    assert "raises OSError" in finding.title
    assert f"({SCRIPT}:" not in finding.subject
    assert finding.affected == (f"h/shop ({SCRIPT})",)


@pytest.mark.parametrize(
    ("text", "version", "severity"),
    [
        ("", "4.9.4", Severity.info),
        (OFF, "4.9.4", Severity.info),
        ("", "2.8", Severity.medium),
        (OFF, "2.8", Severity.info),
        ("", "3.0", Severity.info),
        ("", "6.0.0.rc1", Severity.info),
        (f"{ON}\n{OFF}", "4.9.4", Severity.info),
        (block(ON, "process-group=%{GLOBAL}"), "6.1.1", Severity.medium),
        (block(ON, "process-group=other"), "6.1.1", Severity.info),
    ],
)
def test_it_fires_as_release_and_directive_say(text, version, severity):
    (finding,) = run(stdout_written, PRINT, text, version)
    assert finding.severity is severity


def test_it_fires_once_for_a_script_with_all_its_places():
    (finding,) = run(stdout_written, "print(1)\ndef f():\n    print(2)", ON)
    assert [row["is_sure"] for row in finding.evidence["written"]] == [True, False]


def test_it_fires_less_surely_for_what_a_function_does():
    (finding,) = run(stdout_written, "def f():\n    print(2)", ON)
    assert finding.certainty is Certainty.likely


@pytest.mark.parametrize(
    "body",
    [
        "import sys\nprint('x', file=sys.stderr)",
        "import sys\nprint('x', file=open('/log', 'a'))",
        "import sys\nsys.stderr.write('x')",
        "import logging\nlogging.warning('x')",
        "import sys\nsys.stdout = sys.stderr\nprint('x')",
        "if __name__ == '__main__':\n    print('x')",
        "def print(text): pass\nprint('x')",
    ],
)
def test_it_is_silent_for_what_goes_elsewhere(body):
    assert run(stdout_written, body, ON) == []
