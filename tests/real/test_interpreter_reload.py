"""WSGIReloadMechanism with a mod_wsgi of today: httpd does not start; without it, it does."""

from __future__ import annotations

import pytest

from tests.real import scan
from tests.real.httpd import Httpd, refusal
from tests.real.wsgi import wsgi_host

pytestmark = pytest.mark.real
CHECK = "interpreter-reload"
BODY = "def answer():\n    return 'loaded'\n"
LINE = "WSGIReloadMechanism Process"
INVALID = "Invalid command 'WSGIReloadMechanism'"


def host(*lines: str) -> Httpd:
    return wsgi_host(BODY, lines=lines)


def test_httpd_does_not_start_with_the_directive() -> None:
    httpd = host(LINE)
    [finding] = scan.findings(httpd, CHECK)
    assert finding["severity"] == "critical"
    assert finding["evidence"]["mod_wsgi_version"].startswith("4.")
    assert INVALID in refusal(httpd)


def test_without_it_httpd_starts() -> None:
    httpd = host(LINE)
    [finding] = scan.findings(httpd, CHECK)
    place = finding["remedy"][0].removeprefix("Remove ").removesuffix(f": {LINE}")
    lines = httpd.config.read_text().splitlines()
    assert lines.pop(int(place.rpartition(":")[2]) - 1) == LINE
    httpd.config.write_text("\n".join(lines) + "\n")
    with httpd:
        assert scan.findings(httpd, CHECK) == []
        assert httpd.get("/shop") == (200, "'loaded'")


def test_inside_an_inactive_section_it_is_nothing() -> None:
    with host("<IfDefine MOD_WSGI_2>", LINE, "</IfDefine>") as httpd:
        assert scan.findings(httpd, CHECK) == []
        assert httpd.get("/shop") == (200, "'loaded'")
