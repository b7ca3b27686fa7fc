"""The locale of the site that is loaded last holds for both; cured, and only alike."""

from __future__ import annotations

import pytest

from tests.real import scan
from tests.real.hosts import locale_clash as hosts
from tests.real.httpd import Httpd
from tests.real.remedy import apply_separation

pytestmark = pytest.mark.real
CHECK = "locale-clash"


def answers(httpd: Httpd) -> list[str]:
    with httpd:
        return [httpd.get(path)[1] for path in ("/shop", "/blog", "/shop")]


def test_the_one_that_is_loaded_last_sets_the_locale_for_both() -> None:
    httpd = hosts.host(hosts.setting("C.UTF-8"), hosts.setting("C"))
    [finding] = scan.findings(httpd, CHECK)
    assert (finding["severity"], len(finding["affected"])) == ("medium", 2)
    assert answers(httpd) == [hosts.UTF8, hosts.ASCII, hosts.ASCII]


def test_with_the_remedy_each_has_its_own() -> None:
    httpd = hosts.host(hosts.setting("C.UTF-8"), hosts.setting("C"))
    [finding] = scan.findings(httpd, CHECK)
    apply_separation(httpd, finding)
    assert scan.findings(httpd, CHECK) == []
    assert answers(httpd) == [hosts.UTF8, hosts.ASCII, hosts.UTF8]


def test_the_locale_of_a_daemon_is_taken_from_those_that_rely_on_it() -> None:
    httpd = hosts.daemon(hosts.setting("C"))
    [finding] = scan.findings(httpd, CHECK)
    assert finding["evidence"]["set"][0]["by"] == "locale="
    assert answers(httpd) == [hosts.UTF8, hosts.ASCII, hosts.ASCII]


@pytest.mark.parametrize(
    "blog", [hosts.setting("C.utf8"), hosts.setting("C", "LC_TIME"), ""], ids=["same", "time", "no"]
)
def test_what_does_not_change_the_category_is_harmless(blog: str) -> None:
    httpd = hosts.host(hosts.setting("C.UTF-8", "LC_CTYPE"), blog)
    assert scan.findings(httpd, CHECK) == []
    assert answers(httpd)[2] == hosts.UTF8
