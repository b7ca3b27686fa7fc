"""MD5 functions of libmhash, of a PHP extension, and of the application's own extension."""

from __future__ import annotations

import pytest

from tests.real import scan
from tests.real.hosts import md5_interposed as host

pytestmark = pytest.mark.real
CHECK = "md5-interposed"
# Who brings the other functions in.
FAILING: dict[str, tuple[host.Make, str, str]] = {
    "libmhash": (host.failing_by_libmhash, "libmhash.so.2", "libmhash.so.2"),
    "daemon": (lambda: host.failing_by_libmhash(daemon=True), "libmhash.so.2", "libmhash.so.2"),
    "php": (host.failing_by_php, "digests.so", "10-digests.ini:1"),
}


@pytest.mark.parametrize("variant", FAILING)
def test_the_digest_is_wrong(variant: str) -> None:
    make, winner, opener = FAILING[variant]
    with make() as httpd:
        (finding,) = scan.findings(httpd, CHECK)
        assert (finding["severity"], scan.hits_shop(finding)) == ("critical", True)
        assert scan.sonames(finding, "winners") == {winner}
        assert opener in scan.openers(finding)
        assert "clears it" in finding["remedy"][0]
        status, digest = httpd.get("/shop")
        assert (status, digest != host.WORKING) == (200, True)


@pytest.mark.parametrize("make", [host.cured, *(lambda k=k: host.near_miss(k) for k in host.BOUND)])
def test_the_digest_is_right(make: host.Make) -> None:
    with make() as httpd:
        assert scan.alarms(httpd) == []
        assert httpd.get("/shop") == (200, host.WORKING)
