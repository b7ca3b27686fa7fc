"""The zone of the site that is loaded last holds for both; cured, and only alike."""

from __future__ import annotations

import pytest

from tests.real import scan
from tests.real.hosts import timezone_clash as hosts
from tests.real.remedy import apply_separation

pytestmark = pytest.mark.real
CHECK = "timezone-clash"
embedded_and_daemon = pytest.mark.parametrize("daemon", [False, True], ids=["embedded", "daemon"])


@embedded_and_daemon
def test_the_one_that_is_loaded_last_sets_the_zone_for_both(*, daemon: bool) -> None:
    httpd = hosts.host("Asia/Tokyo", "UTC", daemon=daemon)
    [finding] = scan.findings(httpd, CHECK)
    assert (finding["severity"], finding["certainty"]) == ("high", "certain")
    assert len(finding["affected"]) == 2
    with httpd:
        answers = [httpd.get(path)[1] for path in ("/shop", "/blog", "/shop")]
        assert answers == [hosts.TOKYO, hosts.UTC, hosts.UTC]


def test_with_the_remedy_each_has_its_own() -> None:
    httpd = hosts.host("Asia/Tokyo", "UTC")
    [finding] = scan.findings(httpd, CHECK)
    apply_separation(httpd, finding)
    assert scan.findings(httpd, CHECK) == []
    with httpd:
        answers = [httpd.get(path)[1] for path in ("/shop", "/blog", "/shop")]
        assert answers == [hosts.TOKYO, hosts.UTC, hosts.TOKYO]


@pytest.mark.parametrize("blog", ["Etc/UTC", "UTC0", "GMT"])
def test_another_name_of_the_same_zone_is_harmless(blog: str) -> None:
    assert scan.findings(hosts.host("UTC", blog), CHECK) == []


def test_zoneinfo_leaves_the_process_alone() -> None:
    httpd = hosts.host("Asia/Tokyo", "UTC", hosts.BY_ZONEINFO)
    assert scan.findings(httpd, CHECK) == []
    with httpd:
        answers = [httpd.get(path)[1] for path in ("/shop", "/blog", "/shop")]
        assert answers == [hosts.TOKYO, hosts.UTC, hosts.TOKYO]


def test_an_import_script_sets_the_zone_of_its_process() -> None:
    httpd = hosts.with_import_script("Asia/Tokyo", "UTC", "sites", "another")
    [finding] = scan.findings(httpd, CHECK)
    assert any(name.startswith("WSGIImportScript ") for name in finding["affected"])
    with httpd:
        assert httpd.get("/quiet") == (200, hosts.TOKYO)
        assert [httpd.get(path)[1] for path in ("/shop", "/quiet")] == [hosts.UTC, hosts.UTC]
    httpd = hosts.with_import_script("Asia/Tokyo", "UTC", "sites", "another")
    apply_separation(httpd, *scan.findings(httpd, CHECK))
    assert scan.findings(httpd, CHECK) == []
    with httpd:
        assert [httpd.get(path)[1] for path in ("/quiet", "/shop")] == [hosts.UTC, hosts.UTC]


def test_an_import_script_leaves_other_processes_alone() -> None:
    httpd = hosts.with_import_script("Asia/Tokyo", "UTC", "%{GLOBAL}", "%{GLOBAL}")
    assert scan.findings(httpd, CHECK) == []
    with httpd:
        assert [httpd.get(path)[1] for path in ("/quiet", "/shop")] == [hosts.UTC, hosts.UTC]
