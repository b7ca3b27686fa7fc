"""A real sudo hands the caller's HOME to httpd as predicted; always_set_home and sudo -H do not."""

from __future__ import annotations

import os

import pytest

from tests.real.hosts import sudo_keeps_home as hosts

pytestmark = [pytest.mark.real, pytest.mark.skipif(os.geteuid() != 0, reason="takes root")]
CHECK = "sudo-keeps-home"


@pytest.mark.parametrize("defaults", [hosts.KEEP, "Defaults !env_reset\n"])
def test_the_callers_home_reaches_the_application(defaults: str) -> None:
    with hosts.SudoHttpd(defaults) as httpd:
        [finding] = hosts.findings(httpd, CHECK)
        assert finding["severity"] == "medium"
        assert finding["evidence"]["callers"] == [hosts.CALLER]
        assert httpd.get("/shop") == (200, repr(str(httpd.home)))
        assert httpd.get("/list")[0] == 500
        assert f"{hosts.DENIED}'{httpd.home}'" in httpd.error_log


def test_a_home_that_is_always_set_is_not_the_callers() -> None:
    with hosts.SudoHttpd(hosts.KEEP + hosts.ALWAYS) as httpd:
        assert hosts.findings(httpd, CHECK) == []
        assert httpd.get("/shop") == (200, repr("/root"))


def test_the_option_for_it_does_the_same() -> None:
    with hosts.SudoHttpd(hosts.KEEP, "-H") as httpd:
        assert httpd.get("/shop") == (200, repr("/root"))


def test_the_default_is_harmless() -> None:
    with hosts.SudoHttpd(hosts.RESET) as httpd:
        assert hosts.findings(httpd, CHECK) == []
        assert httpd.get("/shop") == (200, repr("/root"))
