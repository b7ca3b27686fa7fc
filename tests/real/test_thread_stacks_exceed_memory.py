"""Threads that do not fit: refused, or allocations fail; cured by what the finding computed."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.real import scan
from tests.real.hosts import thread_stacks_exceed_memory as hosts
from tests.real.httpd import Httpd

pytestmark = pytest.mark.real
CHECK = "thread-stacks-exceed-memory"
SECONDS = 20.0


def logged(httpd: Httpd, text: str) -> bool:
    """Whether it comes to stand in the error log."""
    deadline = time.monotonic() + SECONDS
    while text not in httpd.error_log and time.monotonic() < deadline:
        time.sleep(0.05)
    return text in httpd.error_log


def answers(httpd: Httpd, count: int = 12) -> set[int]:
    """Status of as many requests at a time."""
    with ThreadPoolExecutor(count) as pool:
        return {status for status, _ in pool.map(httpd.get, ["/shop"] * count)}


def is_cured(httpd: Httpd) -> bool:
    with httpd:
        assert scan.findings(httpd, CHECK) == []
        return answers(httpd) == {200} and "Couldn't create" not in httpd.error_log


def the_finding(httpd: Httpd) -> scan.Finding:
    [finding] = scan.findings(httpd, CHECK)
    assert finding["severity"] == "critical"
    assert finding["certainty"] == "certain"
    return finding


def test_worker_threads_of_a_daemon_are_refused() -> None:
    """256 MB have neither room for 40 stacks of 8 MB nor for malloc's arenas."""
    limit = f"threads=40 virtual-memory-limit={256 * hosts.MB}"
    with hosts.daemon(limit) as httpd:
        finding = the_finding(httpd)
        assert scan.hits_shop(finding)
        assert logged(httpd, hosts.REFUSED)
    assert hosts.SMALL in finding["remedy"][0]
    assert "MALLOC_ARENA_MAX=2" in finding["remedy"][0]
    assert is_cured(hosts.daemon(f"{limit} {hosts.SMALL}", hosts.FEW))


def test_small_stacks_alone_do_not_help_where_the_arenas_are_too_many() -> None:
    limit = f"threads=15 virtual-memory-limit={512 * hosts.MB}"
    with hosts.daemon(f"{limit} {hosts.SMALL}") as httpd:
        finding = the_finding(httpd)
        assert answers(httpd) == {200, 500}
        assert hosts.FAILED in httpd.error_log
    assert "MALLOC_ARENA_MAX=2" in finding["remedy"][0]
    assert hosts.SMALL not in finding["remedy"][0]
    assert is_cured(hosts.daemon(limit, hosts.FEW))


def test_data_counts_the_stacks() -> None:
    limit = f"threads=40 memory-limit={128 * hosts.MB}"
    with hosts.daemon(limit) as httpd:
        finding = the_finding(httpd)
        assert logged(httpd, hosts.REFUSED)
    assert hosts.SMALL in finding["remedy"][0]
    assert "MALLOC_ARENA_MAX" not in finding["remedy"][0]
    assert is_cured(hosts.daemon(f"{limit} {hosts.SMALL}"))


def test_threads_of_a_child_are_refused() -> None:
    with hosts.children("ulimit -v 262144", answers=False) as httpd:
        finding = the_finding(httpd)
        assert logged(httpd, hosts.REFUSED_CHILD)
    assert "ThreadStackSize 524288" in finding["remedy"][0]
    small = ("ThreadStackSize 524288",)
    assert is_cured(hosts.children("ulimit -v 262144", small, hosts.FEW))


@pytest.mark.parametrize("options", ["", f"virtual-memory-limit={2048 * hosts.MB}"])
def test_what_fits_works_and_is_not_reported(options: str) -> None:
    assert is_cured(hosts.daemon(f"threads=15 {options}"))
