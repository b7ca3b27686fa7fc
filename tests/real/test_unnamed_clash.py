"""A function of a library that nobody has a name for is taken over: a wrong price."""

from __future__ import annotations

import pytest

from tests.real import scan
from tests.real.hosts import unnamed_clash as host

pytestmark = pytest.mark.real
SILENT = [host.cured_without_module, host.cured_by_load_file, host.near_miss_extension_inside]


@pytest.mark.parametrize("daemon", [False, True])
def test_the_price_is_wrong(*, daemon: bool) -> None:
    with host.failing(daemon=daemon) as httpd:
        (finding,) = scan.alarms(httpd)
        assert (finding["check"], finding["severity"]) == ("symbol-interposed", "critical")
        assert scan.hits_shop(finding)
        assert finding["evidence"]["symbols"] == ["table_lookup"]
        assert scan.sonames(finding, "winners") == {"mod_blocks.so"}
        assert finding["remedy"][0].startswith(f"LoadFile {host.rates()}")
        assert httpd.get("/shop") == (200, host.BROKEN)


@pytest.mark.parametrize("make", SILENT)
def test_the_price_is_right(make: host.Make) -> None:
    with make() as httpd:
        assert scan.alarms(httpd) == []
        assert httpd.get("/shop") == (200, host.WORKING)
