"""OpenSSL inside an Apache module: Python's ssl kills the process; cured, and looking alike."""

from __future__ import annotations

import pytest

from tests.real import scan
from tests.real.hosts import openssl_static as host

pytestmark = pytest.mark.real
CHECK = "openssl-static"


@pytest.mark.parametrize("daemon", [False, True])
def test_another_release_kills_the_process(*, daemon: bool) -> None:
    with host.host(host.SSL, host.older(), daemon=daemon) as httpd:
        found = [one for one in scan.findings(httpd, CHECK) if scan.hits_shop(one)]
        (finding,) = found
        assert finding["severity"] == "critical"
        assert scan.sonames(finding, "winners") == {"mod_sealed.so"}
        assert {one["version"][:5] for one in finding["evidence"]["winners"]} == {"1.1.1"}
        assert "clears it" in finding["remedy"][0]
        if daemon:
            assert httpd.get("/shop")[0] == 500
        else:
            with pytest.raises(ConnectionError):
                httpd.get("/shop")


def test_the_same_release_works_and_is_medium() -> None:
    with host.host(host.SSL, host.same()) as httpd:
        (finding,) = scan.findings(httpd, CHECK)
        assert (finding["severity"], scan.hits_shop(finding)) == ("medium", True)
        assert httpd.get("/shop") == (200, host.WORKING[host.SSL])


def test_hidden_names_harm_nobody() -> None:
    with host.host(host.SSL, host.older(), host.HIDDEN) as httpd:
        assert scan.findings(httpd, CHECK) == []
        assert httpd.get("/shop") == (200, host.WORKING[host.SSL])


def test_a_part_of_the_same_release_works_and_is_medium() -> None:
    with host.part(host.SSL) as httpd:
        (finding,) = scan.findings(httpd, CHECK)
        assert (finding["severity"], finding["evidence"]["judgement"]["harm"]) == (
            "medium",
            "split",
        )
        assert httpd.get("/shop") == (200, host.WORKING[host.SSL])
