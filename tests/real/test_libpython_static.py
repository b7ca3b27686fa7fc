"""A mod_wsgi with libpython inside: private, or without Python for extensions; cured; alike."""

from __future__ import annotations

import pytest

from tests.real import scan
from tests.real.hosts import libpython_static as host

pytestmark = pytest.mark.real
CHECK = "libpython-static"
SILENT = {"debian": host.cured, "copy": host.near_miss_copy}


def test_a_private_python_serves() -> None:
    with host.failing_exported() as httpd:
        [finding] = scan.findings(httpd, CHECK)
        assert finding["subject"] == f"object:{host.static_wsgi()}"
        assert scan.hits_shop(finding)
        assert httpd.get("/shop") == (200, host.STATIC)


def test_extensions_find_no_python() -> None:
    with host.failing_hidden() as httpd:
        assert httpd.get("/shop") == (200, host.UNDEFINED)


def test_a_hidden_python_is_reported() -> None:
    with host.failing_hidden() as httpd:
        [finding] = scan.findings(httpd, CHECK)
        assert finding["subject"] == f"object:{host.static_wsgi(host.HIDDEN)}"


@pytest.mark.parametrize("variant", SILENT)
def test_the_shared_libpython_serves(variant: str) -> None:
    with SILENT[variant]() as httpd:
        assert scan.findings(httpd, CHECK) == []
        assert httpd.get("/shop") == (200, host.SHARED)


def test_a_second_python_kills_the_process() -> None:
    with host.failing_second_python() as httpd, pytest.raises(ConnectionError):
        httpd.get("/shop")


def test_the_only_python_takes_a_linked_extension() -> None:
    with host.cured_second_python() as httpd:
        assert httpd.get("/shop") == (200, host.LINKED_WORKING)
