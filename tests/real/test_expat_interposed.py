"""An older expat in httpd than in a shell: an import fails; cured, and only looking alike."""

from __future__ import annotations

import pytest

from tests.real import scan
from tests.real.hosts import expat_interposed as host

pytestmark = pytest.mark.real
CHECK = "expat-interposed"


@pytest.mark.parametrize("daemon", [False, True])
def test_an_import_fails_for_what_the_older_one_lacks(*, daemon: bool) -> None:
    with host.failing(daemon=daemon) as httpd:
        (finding,) = scan.findings(httpd, CHECK)
        assert finding["severity"] == "critical"
        assert scan.hits_shop(finding)
        (displaced,) = finding["evidence"]["displaced"]
        assert displaced["taken"].startswith(str(host.older()))
        assert "out of LD_LIBRARY_PATH" in finding["remedy"][0]
        assert host.MISSING in httpd.get("/shop")[1]


def test_a_complete_takeover_by_an_older_one_works_and_is_medium() -> None:
    with host.taken_over() as httpd:
        (finding,) = scan.findings(httpd, CHECK)
        assert (finding["severity"], scan.hits_shop(finding)) == ("medium", True)
        assert {one["version"] for one in finding["evidence"]["winners"]} == {"2.2.10"}
        assert {one["version"] for one in finding["evidence"]["losers"]} == {"2.5.0"}
        assert httpd.get("/shop") == (200, host.WORKING)


@pytest.mark.parametrize("make", [host.cured, host.near_miss_same_build])
def test_one_expat_for_both_is_silent(make: host.Make) -> None:
    with make() as httpd:
        assert scan.alarms(httpd) == []
        assert httpd.get("/shop") == (200, host.WORKING)
