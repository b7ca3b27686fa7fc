"""Two MySQL clients in one process: the child dies; apart, they do not know of each other."""

from __future__ import annotations

import pytest

from tests.real import scan
from tests.real.hosts import mysql_clients_mixed as host

pytestmark = pytest.mark.real
CHECK = "mysql-clients-mixed"
SILENT = {"without driver": host.cured_without_driver, "mysqlnd": host.near_miss_php}


@pytest.mark.parametrize("daemon", [False, True])
def test_the_process_dies_in_connect(*, daemon: bool) -> None:
    with host.failing(daemon=daemon) as httpd:
        (finding,) = scan.findings(httpd, CHECK)
        assert (finding["severity"], scan.hits_shop(finding)) == ("high", True)
        assert scan.sonames(finding, "winners") == {"libmariadb.so.3"}
        assert "apr_dbd_mysql" in scan.openers(finding)
        (loser,) = finding["evidence"]["losers"]
        assert (loser["version"], loser["package"]) == (
            host.VERSION,
            f"mysql-connector-python {host.VERSION}",
        )
        assert "the directive that makes libaprutil open" in finding["remedy"][0]
        assert "clears it" in finding["remedy"][0]
        if daemon:
            assert httpd.get("/shop")[0] == 500
        else:
            with pytest.raises(ConnectionError):
                httpd.get("/shop")


def test_two_that_keep_to_themselves_work_and_are_medium() -> None:
    with host.symbolic() as httpd:
        (finding,) = scan.findings(httpd, CHECK)
        assert (finding["severity"], scan.hits_shop(finding)) == ("medium", True)
        assert finding["evidence"]["crossings"] == []
        assert httpd.get("/shop") == (200, host.WORKING)


@pytest.mark.parametrize("variant", SILENT)
def test_one_client_works(variant: str) -> None:
    with SILENT[variant]() as httpd:
        assert scan.findings(httpd, CHECK) == []
        assert httpd.get("/shop") == (200, host.WORKING)
