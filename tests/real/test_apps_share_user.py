"""An application reads what another owner's application has to be able to read; apart, not."""

from __future__ import annotations

import pytest

from tests.real import scan
from tests.real.hosts import users as hosts

pytestmark = pytest.mark.real
CHECK = "apps-share-user"


def test_one_application_reads_the_settings_of_another_owner() -> None:
    with hosts.shared_host() as httpd:
        [finding] = scan.findings(httpd, CHECK)
        assert finding["severity"] == "low"
        assert finding["subject"] == "user:www-data"
        assert httpd.get("/anna") == (200, hosts.SECRET)
        assert f"WSGIDaemonProcess {hosts.ANNA} user={hosts.ANNA}" in finding["remedy"][0]


def test_with_a_daemon_for_each_owner_it_is_refused() -> None:
    with hosts.separate_host() as httpd:
        assert scan.findings(httpd, CHECK) == []
        assert httpd.get("/anna") == (200, "PermissionError")
        assert httpd.get("/ben") == (200, "works")
