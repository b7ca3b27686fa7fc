"""Threads beyond a limit are refused, those of OpenBLAS too; cured as the finding says."""

from __future__ import annotations

import contextlib
import time

import pytest

from tests.real import scan
from tests.real.control_group import control_group, joining
from tests.real.hosts import thread_limit as hosts
from tests.real.httpd import Httpd

pytestmark = pytest.mark.real
CHECK = "thread-limit"
THREADS = "threads=4"
TASKS = 1 + 1 + 7  # the parent, a child, a daemon with its main thread and two that watch


def logged(httpd: Httpd, text: str) -> bool:
    deadline = time.monotonic() + 20
    while text not in httpd.error_log and time.monotonic() < deadline:
        time.sleep(0.05)
    return text in httpd.error_log


def test_the_threads_of_openblas_are_refused() -> None:
    with control_group("pids", TASKS) as group:
        with hosts.host(joining(group), THREADS, source=hosts.NUMPY, blas=3) as httpd:
            [finding] = scan.findings(httpd, CHECK)
            assert finding["severity"] == "high"
            assert finding["certainty"] == "likely"
            assert finding["evidence"]["needed"] == TASKS + 2
            with contextlib.suppress(OSError):
                httpd.get("/shop", 10)
            assert logged(httpd, hosts.POOL_REFUSED)
            [seen] = scan.findings(httpd, CHECK)
            assert seen["certainty"] == "observed"
        assert "`export OPENBLAS_NUM_THREADS=1`" in finding["remedy"][0]
    with (
        control_group("pids", TASKS) as group,
        hosts.host(joining(group), THREADS, source=hosts.NUMPY, blas=1) as httpd,
    ):
        assert scan.findings(httpd, CHECK) == []
        assert httpd.get("/shop") == hosts.WORKING


def test_the_threads_of_a_user_are_refused() -> None:
    """dash, Debian's /bin/sh, has `-p` where bash has `-u`."""
    with hosts.host("ulimit -p 15", "threads=20") as httpd:
        [finding] = scan.findings(httpd, CHECK)
        assert finding["certainty"] == "certain"
        assert finding["evidence"]["needed"] == 24
        assert logged(httpd, hosts.WORKER_REFUSED)
    assert "`ulimit -p`" in finding["remedy"][0]
    assert "at least 24" in finding["remedy"][0]
    # what the first httpd left to be reaped is counted too
    with hosts.host("ulimit -p 40", "threads=20") as httpd:
        assert scan.findings(httpd, CHECK) == []
        assert httpd.get("/shop")[0] == 200
        assert hosts.WORKER_REFUSED not in httpd.error_log
