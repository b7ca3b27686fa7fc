"""Two real Django sites in one process: settings and zone of the first; cured by one remedy."""

from __future__ import annotations

import pytest

from tests.real import scan
from tests.real.hosts import django_sites as hosts
from tests.real.remedy import apply_separation

pytestmark = pytest.mark.real
LEAK, ZONES = "environ-default-leak", "timezone-clash"


def test_the_second_site_is_the_first_one() -> None:
    httpd = hosts.host()
    [leak], [clash] = (scan.findings(httpd, check) for check in (LEAK, ZONES))
    assert (leak["severity"], leak["certainty"]) == ("critical", "certain")
    assert (clash["severity"], clash["certainty"]) == ("high", "certain")
    assert [row["zone"] for row in clash["evidence"]["set"]] == [*hosts.ZONES.values()]
    with httpd:
        assert (httpd.get("/shop/"), httpd.get("/blog/")) == (hosts.SHOP, hosts.SHOP)


def test_with_the_remedy_of_either_each_is_itself() -> None:
    httpd = hosts.host()
    [leak], [clash] = (scan.findings(httpd, check) for check in (LEAK, ZONES))
    assert leak["remedy"][:2] == clash["remedy"][:2]
    apply_separation(httpd, leak)
    assert [*scan.findings(httpd, LEAK), *scan.findings(httpd, ZONES)] == []
    with httpd:
        answers = [httpd.get(path) for path in ("/shop/", "/blog/", "/shop/")]
        assert answers == [hosts.SHOP, hosts.BLOG, hosts.SHOP]
