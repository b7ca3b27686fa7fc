"""Lines of one error log nine hours apart; cured, told apart, and only alike."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.real import scan
from tests.real.hosts import error_log_time as hosts
from tests.real.httpd import Httpd

pytestmark = pytest.mark.real
CHECK = "error-log-timezone-mixed"
AHEAD = (9, 10)  # the hour may change between the lines
embedded_and_daemon = pytest.mark.parametrize("daemon", [False, True], ids=["embedded", "daemon"])


def log_of(httpd: Httpd) -> str:
    with httpd:
        hosts.request(httpd)
        return httpd.error_log


def remedy(finding: dict[str, Any], start: str) -> str:
    line: str = next(step for step in finding["remedy"] if step.startswith(start))
    return line.removeprefix(start)


@embedded_and_daemon
def test_the_lines_of_the_application_are_nine_hours_ahead(*, daemon: bool) -> None:
    httpd = hosts.host(hosts.TOKYO, daemon=daemon)
    [finding] = scan.findings(httpd, CHECK)
    assert (finding["severity"], finding["evidence"]["apache_zone"]) == ("low", "UTC")
    assert finding["certainty"] == "certain"
    assert hosts.difference(log_of(httpd)) in AHEAD


def test_the_log_is_the_proof() -> None:
    with hosts.host(hosts.TOKYO, daemon=True) as httpd:
        for _ in range(2):
            hosts.request(httpd)
            assert httpd.get("/forbidden")[0] == 403
        [finding] = scan.findings(httpd, CHECK)
        assert finding["certainty"] == "observed"
        assert finding["evidence"]["steps_back"] > 1


def test_in_embedded_mode_the_access_log_moves_too() -> None:
    with hosts.host(hosts.TOKYO) as httpd:
        hosts.request(httpd)
        shown = (httpd.root / "access.log").read_text()
    assert "+0000" in shown
    assert "+0900" in shown


def test_with_the_zone_for_httpd_the_lines_agree() -> None:
    httpd = hosts.host(hosts.TOKYO, daemon=True)
    [finding] = scan.findings(httpd, CHECK)
    zone = remedy(finding, f"{httpd.root}/envvars: export TZ=")
    cured = hosts.host(hosts.TOKYO, daemon=True, environment={"TZ": zone})
    assert scan.findings(cured, CHECK) == []
    assert hosts.difference(log_of(cured)) in (0, 1)


def test_with_the_format_the_lines_are_told_apart() -> None:
    httpd = hosts.host(hosts.TOKYO, daemon=True)
    [finding] = scan.findings(httpd, CHECK)
    line = remedy(finding, f"Or only tell the lines apart: {httpd.config}: ")
    told = hosts.host(hosts.TOKYO, [line], daemon=True)
    assert scan.findings(told, CHECK) == []
    log = log_of(told)
    assert re.search(r"\+0900\].*a line of the shop", log)
    assert re.search(r"\+0000\].*resuming normal operations", log)


def test_the_same_zone_by_another_name_is_harmless() -> None:
    httpd = hosts.host(hosts.UTC, daemon=True)
    assert scan.findings(httpd, CHECK) == []
    assert hosts.difference(log_of(httpd)) in (0, 1)
