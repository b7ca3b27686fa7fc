"""print() under WSGIRestrictStdout On raises; by default it goes to the error log.

Recorded: the defaults of mod_wsgi 2.8 and the blocks of 6, by their versions (tests/checks).
"""

from __future__ import annotations

import pytest

from tests.real import scan
from tests.real.wsgi import wsgi_host

pytestmark = pytest.mark.real
CHECK = "stdout-written"
ON = ["WSGIRestrictStdout On"]
PRINTS = "def answer():\n    print('sold')\n    return 1\n"
CURED = "import sys\n" + PRINTS.replace("'sold'", "'sold', file=sys.stderr")


def test_printing_raises_where_standard_output_is_restricted() -> None:
    with wsgi_host(PRINTS, lines=ON, daemon=True) as httpd:
        [finding] = scan.findings(httpd, CHECK)
        assert finding["severity"] == "medium"
        assert scan.hits_shop(finding)
        assert httpd.get("/shop")[0] == 500
        assert "OSError: sys.stdout access restricted by mod_wsgi" in httpd.error_log


def test_printing_goes_to_the_error_log_by_default() -> None:
    with wsgi_host(PRINTS, daemon=True) as httpd:
        [finding] = scan.findings(httpd, CHECK)
        assert finding["severity"] == "info"
        assert httpd.get("/shop") == (200, "1")
        assert "sold" in httpd.error_log


def test_printing_to_standard_error_works() -> None:
    with wsgi_host(CURED, lines=ON, daemon=True) as httpd:
        assert scan.findings(httpd, CHECK) == []
        assert httpd.get("/shop") == (200, "1")
        assert "sold" in httpd.error_log
