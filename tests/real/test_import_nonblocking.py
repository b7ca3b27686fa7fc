"""On Python 2.7 the first strptime fails while another thread imports; imported first, it works.

Recorded: Python 2.6, 3.0 to 3.2 and 3.15, in tests/checks.
"""

from __future__ import annotations

import pytest

from tests.real import scan
from tests.real.hosts import import_nonblocking as hosts

pytestmark = pytest.mark.real
CHECK = "import-nonblocking"
ERROR = "Failed to import _strptime because the import lockis held by another thread."


def test_the_first_date_is_an_import_error() -> None:
    with hosts.host() as httpd:
        [finding] = scan.findings(httpd, CHECK)
        assert finding["severity"] == "medium"
        assert scan.hits_shop(finding)
        assert httpd.get("/shop") == (200, ERROR)


def test_with_the_import_of_the_remedy_it_works() -> None:
    with hosts.host() as httpd:
        [finding] = scan.findings(httpd, CHECK)
    with hosts.host(finding["remedy"][0].rpartition(": ")[2]) as httpd:
        assert scan.findings(httpd, CHECK) == []
        assert httpd.get("/shop") == (200, "24")
