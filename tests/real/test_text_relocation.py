"""Code that the dynamic linker has written to is private to each process of a real httpd."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.real import scan
from tests.real.hosts import text_relocation as host
from tests.real.httpd import Httpd

pytestmark = pytest.mark.real
CHECK = "text-relocation"
MAKE = [host.of_extension, host.of_module]


@pytest.mark.parametrize("make", MAKE)
def test_code_is_changed(make: Callable[[str], Httpd]) -> None:
    with make(host.ADDRESS) as httpd:
        (finding,) = scan.findings(httpd, CHECK)
        assert (finding["severity"], finding["evidence"]["enforcing"]) == ("low", False)
        assert "adding" in finding["evidence"]["object"]
        assert httpd.get("/shop") == (200, host.CHANGED)


@pytest.mark.parametrize("make", MAKE)
def test_position_independent_code_is_shared(make: Callable[[str], Httpd]) -> None:
    with make("") as httpd:
        assert scan.alarms(httpd) == []
        assert httpd.get("/shop") == (200, host.SHARED)
