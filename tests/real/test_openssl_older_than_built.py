"""AH01882: an older libssl than mod_ssl was built with; cured, and only looking alike."""

from __future__ import annotations

import pytest

from tests.real import scan
from tests.real.hosts import openssl_older_than_built as host

pytestmark = pytest.mark.real
CHECK = "openssl-older-than-built"
FAILING = {"package": host.failing, "rewritten": host.failing_rewritten}
SILENT = {"cured": host.cured, "newer": host.near_miss_newer, "static": host.near_miss_static}


@pytest.mark.parametrize("variant", FAILING)
def test_httpd_warns(variant: str) -> None:
    with FAILING[variant]() as httpd:
        [finding] = scan.about(httpd, CHECK, "mod_ssl.so")
        [module] = finding["evidence"]["objects"]
        assert module["path"].endswith("/mod_ssl.so")
        assert module["built"] == ".".join(map(str, host.built_with()))
        assert "AH01882" in finding["detail"]
        assert finding["severity"] == "low"
        assert httpd.get("/")[0] == 404
        assert host.WARNING in httpd.error_log


@pytest.mark.parametrize("variant", SILENT)
def test_httpd_does_not_warn(variant: str) -> None:
    with SILENT[variant]() as httpd:
        assert scan.about(httpd, CHECK, "/mod_") == []
        assert httpd.get("/")[0] == 404
        assert host.WARNING not in httpd.error_log
