"""lxml's wheel beside the system's libxml2: text becomes markup; cured, and only looking alike."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.real import scan
from tests.real.hosts import libxml2_mixed as host
from tests.real.httpd import Httpd

pytestmark = pytest.mark.real
CHECK = "libxml2-mixed"
# Who brings the system's libxml2 in.
OPENER = {
    "php": "libphp",
    "daemon": "libphp",
    "xml2enc": "mod_xml2enc.so",
    "LoadFile": host.SYSTEM_LIBXML2,
    "LD_PRELOAD": "",
}
FAILING: dict[str, Callable[[], Httpd]] = {
    "php": lambda: host.failing("php"),
    "daemon": lambda: host.failing("php", daemon=True),
    "xml2enc": lambda: host.failing("xml2enc"),
    "LoadFile": lambda: host.failing(lines=(f"LoadFile {host.SYSTEM_LIBXML2}",)),
    "LD_PRELOAD": host.failing_preloaded,
}
SILENT: dict[str, Callable[[], Httpd]] = {
    "no php": host.cured_without_php,
    "symbolic": lambda: host.near_miss_symbolic("php"),
}


@pytest.mark.parametrize("variant", FAILING)
def test_text_becomes_markup(variant: str) -> None:
    with FAILING[variant]() as httpd:
        found = scan.about(httpd, CHECK, "/lxml/")
        assert any(scan.hits_shop(finding) for finding in found)
        assert all("libxml2.so.2" in scan.sonames(finding, "winners") for finding in found)
        assert all(OPENER[variant] in scan.openers(finding) for finding in found)
        assert httpd.get("/shop") == (200, host.BROKEN)


@pytest.mark.parametrize("variant", SILENT)
def test_text_stays_text(variant: str) -> None:
    with SILENT[variant]() as httpd:
        assert scan.about(httpd, CHECK, "/lxml/") == []
        assert httpd.get("/shop") == (200, host.WORKING)


def test_the_distributions_lxml_is_the_same_beside_php_and_alone() -> None:
    with host.distribution_lxml("php") as httpd, host.distribution_lxml() as alone:
        assert scan.about(httpd, CHECK, "/lxml/") == []
        assert httpd.get("/shop") == alone.get("/shop") == (200, host.BROKEN)
