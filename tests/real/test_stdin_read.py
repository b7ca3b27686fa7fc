"""input() and breakpoint() in a server: nothing to read, or forbidden.

Recorded: the defaults of mod_wsgi 2.8 and the blocks of 6, by their versions (tests/checks).
"""

from __future__ import annotations

import pytest

from tests.real import scan
from tests.real.wsgi import wsgi_host

pytestmark = pytest.mark.real
CHECK = "stdin-read"
READS = "def answer():\n    return input()\n"
STOPS = "def answer():\n    breakpoint()\n    return 1\n"
PROMPTS = "import sys\ndef answer():\n    print('?')\n    return sys.stdin.read()\n"
CURED = "def answer():\n    return 1\n\nif __name__ == '__main__':\n    answer(input())\n"


@pytest.mark.parametrize(
    ("body", "lines", "severity", "error"),
    [
        (READS, [], "low", "EOFError: EOF when reading a line"),
        (STOPS, [], "low", "bdb.BdbQuit"),
        (
            "import sys\ndef answer():\n    return sys.stdin.readline()\n",
            ["WSGIRestrictStdin On"],
            "medium",
            "OSError: sys.stdin access restricted by mod_wsgi",
        ),
    ],
    ids=["input", "breakpoint", "restricted"],
)
def test_nobody_can_type_into_a_server(
    body: str, lines: list[str], severity: str, error: str
) -> None:
    with wsgi_host(body, lines=lines, daemon=True) as httpd:
        [finding] = scan.findings(httpd, CHECK)
        assert finding["severity"] == severity
        assert scan.hits_shop(finding)
        assert httpd.get("/shop")[0] == 500
        assert error in httpd.error_log


def test_what_only_a_shell_runs_is_no_fault() -> None:
    with wsgi_host(CURED, lines=["WSGIRestrictStdin On"], daemon=True) as httpd:
        assert scan.findings(httpd, CHECK) == []
        assert httpd.get("/shop") == (200, "1")


def test_under_debugging_the_streams_are_those_of_the_shell() -> None:
    with wsgi_host(PROMPTS, lines=["WSGIRestrictStdin On", "WSGIRestrictStdout On"]) as httpd:
        assert scan.findings(httpd, CHECK) == []
        assert httpd.get("/shop") == (200, "''")
