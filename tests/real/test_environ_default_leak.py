"""The second site of a process is served with the settings of the first; cured, and only alike."""

from __future__ import annotations

import pytest

from tests.real import scan
from tests.real.hosts import environ_default_leak as hosts
from tests.real.remedy import apply_separation

pytestmark = pytest.mark.real
CHECK = "environ-default-leak"
SHOP, BLOG = (200, "'shop.db'"), (200, "'blog.db'")
embedded_and_daemon = pytest.mark.parametrize("daemon", [False, True], ids=["embedded", "daemon"])


@embedded_and_daemon
def test_the_second_site_works_on_the_database_of_the_first(*, daemon: bool) -> None:
    httpd = hosts.host(hosts.DEFAULT, daemon=daemon)
    [finding] = scan.findings(httpd, CHECK)
    assert (finding["severity"], finding["certainty"]) == ("critical", "certain")
    assert len(finding["affected"]) == 2
    with httpd:
        assert httpd.get("/shop") == SHOP
        assert httpd.get("/blog") == SHOP


def test_which_one_is_hit_the_first_request_decides() -> None:
    with hosts.host(hosts.DEFAULT) as httpd:
        assert httpd.get("/blog") == BLOG
        assert httpd.get("/shop") == BLOG


@embedded_and_daemon
def test_with_the_remedy_each_has_its_own(*, daemon: bool) -> None:
    httpd = hosts.host(hosts.DEFAULT, daemon=daemon)
    [finding] = scan.findings(httpd, CHECK)
    apply_separation(httpd, finding)
    assert scan.findings(httpd, CHECK) == []
    with httpd:
        assert (httpd.get("/shop"), httpd.get("/blog")) == (SHOP, BLOG)


@pytest.mark.parametrize("statement", [hosts.ASSIGNED, hosts.FORGOTTEN], ids=["assign", "pop"])
def test_assignment_is_enough_in_interpreters_of_their_own(statement: str) -> None:
    httpd = hosts.host(statement)
    assert scan.findings(httpd, CHECK) == []
    with httpd:
        answers = [httpd.get(path) for path in ("/shop", "/blog", "/shop")]
        assert answers == [SHOP, BLOG, SHOP]


def test_in_one_interpreter_assignment_is_not_enough() -> None:
    httpd = hosts.host(hosts.ASSIGNED, [hosts.GLOBAL])
    [finding] = scan.findings(httpd, CHECK)
    assert finding["evidence"]["share_an_interpreter"]
    with httpd:
        answers = [httpd.get(path) for path in ("/shop", "/blog", "/shop")]
        assert answers == [SHOP, BLOG, BLOG]


def test_the_main_interpreter_leaks_and_is_not_hit() -> None:
    httpd = hosts.one_in_main_interpreter("shop")
    [finding] = scan.findings(httpd, CHECK)
    assert [name.startswith("localhost") and "/blog" in name for name in finding["affected"]] == [
        True
    ]
    with httpd:
        assert (httpd.get("/shop"), httpd.get("/blog")) == (SHOP, SHOP)
    with hosts.one_in_main_interpreter("shop") as httpd:
        assert (httpd.get("/blog"), httpd.get("/shop")) == (BLOG, SHOP)
