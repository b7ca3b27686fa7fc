"""OpenSSL of wheels beside mod_ssl: a complete move works, a split loses state, 1.1 is apart."""

from __future__ import annotations

import pytest

from tests.real import scan
from tests.real.hosts import openssl_mixed as host

pytestmark = pytest.mark.real
CHECK = "openssl-mixed"


@pytest.mark.parametrize("daemon", [False, True])
def test_a_complete_move_works_and_is_medium(*, daemon: bool) -> None:
    with host.taken_over(daemon=daemon) as httpd:
        (finding,) = scan.findings(httpd, CHECK)
        assert (finding["severity"], scan.hits_shop(finding)) == ("medium", True)
        assert scan.sonames(finding, "winners") == {"libcrypto.so.3", "libssl.so.3"}
        assert "mod_ssl.so" in scan.openers(finding)
        assert httpd.get("/shop") == (200, host.WORKING)


def test_a_split_loses_state_and_is_high() -> None:
    with host.split(*host.SSL) as httpd:
        (finding,) = scan.findings(httpd, CHECK)
        assert (finding["severity"], scan.hits_shop(finding)) == ("high", True)
        assert finding["evidence"]["symbols"] == ["OSSL_PROVIDER_available"]
        assert httpd.get("/shop") == (200, host.NOT_FOUND)


def test_another_major_version_is_only_information() -> None:
    with host.older_beside() as httpd:
        (finding,) = scan.findings(httpd, CHECK)
        assert finding["severity"] == "info"
        assert {one["version"][:3] for one in finding["evidence"]["copies"]} == {"1.1", "3.0"}
        assert httpd.get("/shop") == (200, host.WORKING)


@pytest.mark.parametrize(
    ("make", "answer"), [(host.alone, host.WORKING), (host.split, host.LOADED)]
)
def test_without_mod_ssl_it_is_silent(make: host.Make, answer: str) -> None:
    with make() as httpd:
        assert scan.alarms(httpd) == []
        assert httpd.get("/shop") == (200, answer)
