"""A constructor that is another module's function, because both are called cache_init."""

from __future__ import annotations

import pytest

from tests.real import scan
from tests.real.hosts import cache_init_interposed as host

pytestmark = pytest.mark.real
CHECK = "cache-init-interposed"
SILENT = {
    "without module": host.cured_without_module,
    "static function": host.cured_by_static_function,
    "symbolic": host.near_miss_symbolic,
    "static in module": host.near_miss_static_in_module,
}


@pytest.mark.parametrize("daemon", [False, True])
def test_the_constructor_fails(*, daemon: bool) -> None:
    with host.host(daemon=daemon) as httpd:
        (finding,) = scan.findings(httpd, CHECK)
        assert (finding["severity"], scan.hits_shop(finding)) == ("critical", True)
        assert scan.sonames(finding, "winners") == {"mod_pagecache.so"}
        assert "mod_pagecache.so" in scan.openers(finding)
        assert finding["remedy"][0].startswith("remove the LoadModule or LoadFile line")
        assert host.BROKEN in httpd.get("/shop")[1]


@pytest.mark.parametrize("variant", SILENT)
def test_the_constructor_works(variant: str) -> None:
    with SILENT[variant]() as httpd:
        assert scan.alarms(httpd) == []
        assert httpd.get("/shop") == (200, host.WORKING)
