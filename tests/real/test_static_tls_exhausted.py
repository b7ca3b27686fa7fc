"""An import gets no static TLS in a real httpd; the remedies that are given help."""

from __future__ import annotations

import pytest

from tests.real import scan
from tests.real.hosts import static_tls_exhausted as host
from tests.real.httpd import refusal

pytestmark = pytest.mark.real
CHECK = "static-tls-exhausted"


@pytest.mark.parametrize("daemon", [False, True])
def test_the_import_fails_and_the_tunable_helps(*, daemon: bool) -> None:
    with host.host(daemon=daemon) as httpd:
        (finding,) = scan.alarms(httpd)
        assert (finding["check"], finding["severity"]) == (CHECK, "high")
        assert scan.hits_shop(finding)
        assert finding["evidence"]["object"] == str(host.pool())
        assert host.REFUSED in httpd.get("/shop")[1]
    with host.with_tunable(finding["remedy"][0]) as httpd:
        assert scan.alarms(httpd) == []
        assert httpd.get("/shop") == (200, host.WORKING)


@pytest.mark.parametrize("make", [host.with_preload, host.near_miss_dynamic])
def test_it_is_silent_where_there_is_space(make: host.Make) -> None:
    with make() as httpd:
        assert scan.alarms(httpd) == []
        assert httpd.get("/shop") == (200, host.WORKING)


def test_load_file_does_not_help_but_ends_the_start() -> None:
    httpd = host.host(before=(f"LoadFile {host.pool()}",))
    (finding,) = scan.findings(httpd, CHECK)
    assert (finding["severity"], finding["certainty"]) == ("high", "certain")
    assert host.REFUSED in refusal(httpd)
