"""httpd and mod_wsgi refuse to run as root; an ordinary server's parent is no finding.

Recorded: processes that do run as root need a build with BIG_SECURITY_HOLE; the facts of such
processes are in tests/checks/test_apache_runs_as_root.py.
"""

from __future__ import annotations

import pytest

from tests.real import scan
from tests.real.hosts import users as hosts
from tests.real.httpd import refusal

pytestmark = pytest.mark.real
CHECK = "apache-runs-as-root"


def test_httpd_refuses_to_serve_as_root() -> None:
    httpd = hosts.with_user("root")
    [finding] = scan.findings(httpd, CHECK)
    assert finding["severity"] == "critical"
    assert "designed to serve pages while" in refusal(httpd)


def test_mod_wsgi_refuses_a_daemon_of_root() -> None:
    httpd = hosts.with_user("www-data", "user=root")
    [finding] = scan.findings(httpd, CHECK)
    assert finding["subject"] == "process-group:shop"
    assert "WSGI process blocked from running as root" in refusal(httpd)


def test_the_parent_alone_is_root() -> None:
    with hosts.with_user("www-data", f"user={hosts.ANNA}") as httpd:
        assert httpd.get("/shop")[0] in {200, 404}
        assert scan.findings(httpd, CHECK) == []
