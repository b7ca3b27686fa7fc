"""A project shows up where a directory of projects should; cured both ways."""

from __future__ import annotations

import pytest

from tests.real import scan
from tests.real.hosts import environ_mode_clash as hosts
from tests.real.remedy import apply_separation

pytestmark = pytest.mark.real
CHECK = "environ-mode-clash"
ONE, TWO = (200, "'/srv/trac/one'"), (200, "'/srv/trac/two'")


def test_the_project_of_one_is_shown_by_both() -> None:
    httpd = hosts.host(hosts.MANY)
    [finding] = scan.findings(httpd, CHECK)
    assert (finding["severity"], len(finding["affected"])) == ("high", 1)
    with httpd:
        assert (httpd.get("/one"), httpd.get("/many")) == (ONE, ONE)


def test_with_the_remedy_each_has_its_own() -> None:
    httpd = hosts.host(hosts.MANY)
    [finding] = scan.findings(httpd, CHECK)
    apply_separation(httpd, finding)
    assert scan.findings(httpd, CHECK) == []
    with httpd:
        assert (httpd.get("/one"), httpd.get("/many")) == (ONE, TWO)


def test_taking_the_other_variable_away_is_enough() -> None:
    httpd = hosts.host(hosts.CLEAN)
    assert scan.findings(httpd, CHECK) == []
    with httpd:
        assert (httpd.get("/one"), httpd.get("/many")) == (ONE, TWO)
