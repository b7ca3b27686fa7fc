"""A process that is really called `(wsgi:orders)`, beside a real cx_Oracle; a plain name cures it.

Recorded: ORA-06413 itself; Oracle's client library may not be installed freely.
"""

from __future__ import annotations

import pytest

from tests.real import scan
from tests.real.hosts import oracle_display_name as hosts

pytestmark = pytest.mark.real
CHECK = "oracle-display-name"


def subjects(found: list[scan.Finding]) -> dict[str, scan.Finding]:
    return {one["subject"]: one for one in found}


def test_the_process_is_called_as_predicted() -> None:
    with hosts.host(**dict.fromkeys(hosts.SCRIPTS, "%{GROUP}")) as httpd:
        found = subjects(scan.findings(httpd, CHECK))
        assert found.keys() == {"process-group:orders", "process-group:thick"}
        finding = found["process-group:orders"]
        assert finding["severity"] == "high"
        status, title = httpd.get("/orders")
        assert (status, title) == (200, repr(finding["evidence"]["process_title"].ljust(17)))
        live = scan.live_findings(httpd, CHECK)
        assert subjects(live)["process-group:orders"]["certainty"] == "observed"


def test_a_plain_name_cures_it() -> None:
    with hosts.host(orders="wsgi:orders", plain="(plain)") as httpd:
        assert scan.findings(httpd, CHECK) == []
        assert httpd.get("/orders") == (200, repr("wsgi:orders".ljust(17)))
