"""Children that do not fit their control group are killed; as many as the finding says are not."""

from __future__ import annotations

import contextlib
import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.real import scan
from tests.real.control_group import control_group
from tests.real.hosts import resident_memory_exceeds_limit as hosts
from tests.real.httpd import Httpd

pytestmark = pytest.mark.real
CHECK = "resident-memory-exceeds-limit"


def answered(httpd: Httpd) -> int:
    """How many of eight requests that each keep a child busy get their answer."""

    def is_answered(_: int) -> bool:
        with contextlib.suppress(OSError):
            return httpd.get("/shop?3", 30) == (200, "kept")
        return False

    with ThreadPoolExecutor(8) as pool:
        return sum(pool.map(is_answered, range(8)))


def test_children_are_killed_and_the_number_that_fits_is_not() -> None:
    """httpd logs nothing of it: SIGKILL is among the signals that it does not report."""
    with control_group("memory", hosts.LIMIT) as group, hosts.host(group) as httpd:
        assert httpd.get("/shop") == (200, "kept")
        [finding] = scan.findings(httpd, CHECK)
        assert (finding["severity"], finding["certainty"]) == ("high", "likely")
        assert answered(httpd) < 8
        assert "exit signal" not in httpd.error_log
        [seen] = scan.findings(httpd, CHECK)
        assert seen["certainty"] == "observed"
        assert seen["evidence"]["oom_kills"] > 0
    workers = re.match(r"`MaxRequestWorkers (\d)`", finding["remedy"][0])
    assert workers
    with control_group("memory", hosts.LIMIT) as group, hosts.host(group, int(workers[1])) as httpd:
        assert httpd.get("/shop") == (200, "kept")
        assert scan.findings(httpd, CHECK) == []
        assert answered(httpd) == 8
        assert scan.findings(httpd, CHECK) == []


def test_without_a_limit_they_all_fit() -> None:
    with control_group("memory") as group, hosts.host(group) as httpd:
        assert httpd.get("/shop") == (200, "kept")
        assert scan.findings(httpd, CHECK) == []
