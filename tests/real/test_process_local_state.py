"""A counter in the memory of several processes, of one that is recycled, and of one that lasts."""

from __future__ import annotations

import pytest

from tests.real import scan
from tests.real.httpd import Httpd
from tests.real.wsgi import TAIL

pytestmark = pytest.mark.real
CHECK = "process-local-state"
REQUESTS = 12
COUNTER = """
import os, time
count = 0
def answer():
    global count
    count += 1
    time.sleep(0.01)
    return (os.getpid(), count)
"""
CACHE = """
import os
squares_cache = {}
def answer():
    return (os.getpid(), squares_cache.setdefault(7, 49))
"""
GROUP = ("WSGISocketPrefix run/wsgi", "WSGIProcessGroup shop")


def host(body: str, *lines: str) -> Httpd:
    return Httpd(["wsgi"], lines, scripts={"shop": body + TAIL}, single=False)


def daemons(options: str, body: str = COUNTER) -> Httpd:
    return host(body, f"WSGIDaemonProcess shop threads=1 home=/ {options}", *GROUP)


def counted(httpd: Httpd) -> list[int]:
    """What as many requests as that are told."""
    answers = []
    for _ in range(REQUESTS):
        status, body = httpd.get("/shop")
        assert status == 200, httpd.error_log
        answers.append(int(body.strip("()").split(",")[1]))
    return answers


ALL = list(range(1, REQUESTS + 1))


@pytest.mark.parametrize("options", ["processes=3", "maximum-requests=4"])
def test_several_or_recycled_daemons_count_each_for_itself(options: str) -> None:
    with daemons(options) as httpd:
        [finding] = scan.findings(httpd, CHECK)
        assert finding["severity"] == "low"
        assert scan.hits_shop(finding)
        assert counted(httpd) != ALL


def test_embedded_children_count_each_for_itself() -> None:
    lines = ("StartServers 3", "MinSpareServers 3", "MaxSpareServers 3", "MaxRequestWorkers 3")
    with host(COUNTER, *lines) as httpd:
        assert len(scan.findings(httpd, CHECK)) == 1
        assert counted(httpd) != ALL


def test_one_daemon_that_lasts_counts_all() -> None:
    with daemons("processes=1") as httpd:
        assert scan.findings(httpd, CHECK) == []
        assert counted(httpd) == ALL


def test_a_cache_of_what_every_process_can_make_is_harmless() -> None:
    with daemons("processes=3", CACHE) as httpd:
        assert scan.findings(httpd, CHECK) == []
        assert counted(httpd) == [49] * REQUESTS
