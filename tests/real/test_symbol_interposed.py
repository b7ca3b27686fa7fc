"""readline and libedit through mod_php: broken, cured, and only looking alike."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.real.hosts import symbol_interposed as host
from tests.real.httpd import Httpd

pytestmark = pytest.mark.real
FAILING: dict[str, Callable[[], Httpd]] = {
    "stock": host.failing,
    "daemon": lambda: host.failing(daemon=True),
    "wsgi first": host.failing_with_wsgi_first,
    "PHPIniDir": host.failing_with_another_ini_directory,
}
SILENT: dict[str, Callable[[], Httpd]] = {
    "scan directory": host.cured_by_scan_directory,
    "scan directory, daemon": lambda: host.cured_by_scan_directory(daemon=True),
    "no php": host.cured_without_php,
    "same library": host.near_miss_same_library,
}


@pytest.mark.parametrize("variant", FAILING)
def test_the_history_is_lost(variant: str) -> None:
    with FAILING[variant]() as httpd:
        assert httpd.get("/shop") == (200, host.BROKEN)


@pytest.mark.parametrize("variant", SILENT)
def test_the_history_is_kept(variant: str) -> None:
    with SILENT[variant]() as httpd:
        assert httpd.get("/shop") == (200, host.WORKING)


def test_a_private_copy_is_taken_over() -> None:
    with host.failing_private_copy() as httpd:
        assert httpd.get("/shop") == (200, "False")


@pytest.mark.parametrize("kind", host.BOUND)
def test_a_private_copy_bound_to_itself_works(kind: str) -> None:
    with host.near_miss_private_copy(kind) as httpd:
        assert httpd.get("/shop") == (200, "True")
