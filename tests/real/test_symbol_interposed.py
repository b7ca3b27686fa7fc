"""readline and libedit through mod_php: broken, cured, and only looking alike."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.real import scan
from tests.real.hosts import symbol_interposed as host
from tests.real.httpd import Httpd

pytestmark = pytest.mark.real
CHECK = "symbol-interposed"
FAILING: dict[str, Callable[[], Httpd]] = {
    "stock": host.failing,
    "daemon": lambda: host.failing(daemon=True),
    "wsgi first": host.failing_with_wsgi_first,
    "PHPIniDir": host.failing_with_another_ini_directory,
}
SILENT: dict[str, Callable[[], Httpd]] = {
    "scan directory": host.cured_by_scan_directory,
    "scan directory, daemon": lambda: host.cured_by_scan_directory(daemon=True),
    "LoadFile first": host.cured_by_load_file,
    "LoadFile first, daemon": lambda: host.cured_by_load_file(daemon=True),
    "no php": host.cured_without_php,
    "same library": host.near_miss_same_library,
}


@pytest.mark.parametrize("variant", FAILING)
def test_the_history_is_lost(variant: str) -> None:
    with FAILING[variant]() as httpd:
        [finding] = scan.about(httpd, CHECK, "libedit")
        assert scan.hits_shop(finding)
        assert finding["severity"] in ("critical", "high")
        assert scan.sonames(finding, "losers") == {"libreadline.so.8"}
        assert scan.sonames(finding, "winners") == {"libedit.so.2"}
        assert "readline.ini" in scan.openers(finding)
        assert any("phpdismod" in remedy for remedy in finding["remedy"])
        assert {"add_history", "history_get"} <= set(finding["evidence"]["symbols"])
        assert httpd.get("/shop") == (200, host.BROKEN)


@pytest.mark.parametrize("variant", SILENT)
def test_the_history_is_kept(variant: str) -> None:
    with SILENT[variant]() as httpd:
        assert scan.about(httpd, CHECK, "readline") == []
        assert httpd.get("/shop") == (200, host.WORKING)


def test_a_private_copy_is_taken_over() -> None:
    with host.failing_private_copy() as httpd:
        [finding] = scan.about(httpd, CHECK, "pocketline")
        assert scan.hits_shop(finding)
        assert scan.sonames(finding, "winners") == {"libedit.so.2"}
        assert finding["evidence"]["symbols"] == ["add_history"]
        assert httpd.get("/shop") == (200, "False")


@pytest.mark.parametrize("kind", host.BOUND)
def test_a_private_copy_bound_to_itself_works(kind: str) -> None:
    with host.near_miss_private_copy(kind) as httpd:
        assert scan.about(httpd, CHECK, "pocketline") == []
        assert httpd.get("/shop") == (200, "True")
