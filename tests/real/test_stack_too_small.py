"""A nested document ends the process where stacks are small; with what is proposed it is parsed.

Recorded: musl's default of 128 KB; no httpd of musl is installed here.
"""

from __future__ import annotations

import contextlib
import time

import pytest

from tests.real import scan
from tests.real.hosts import stack_too_small as hosts
from tests.real.httpd import Httpd

pytestmark = pytest.mark.real
CHECK = "stack-too-small"


def crashes(httpd: Httpd) -> bool:
    """Whether a request kills its process."""
    with contextlib.suppress(OSError):
        httpd.get("/shop", 10)
    deadline = time.monotonic() + 20
    while hosts.CRASHED not in httpd.error_log and time.monotonic() < deadline:
        time.sleep(0.05)
    return hosts.CRASHED in httpd.error_log


KINDS = ["daemon", "child", "prefork"]


def of_kind(kind: str, size: int) -> Httpd:
    """The stack of the thread that parses has so many bytes."""
    if kind == "daemon":
        return hosts.host(*hosts.daemon(f"stack-size={size}"))
    if kind == "child":
        return hosts.host(f"ThreadStackSize {size}")
    return hosts.host(mpm=hosts.PREFORK, ulimit=f"ulimit -s {size >> 10}")


REMEDY = {
    "daemon": "`stack-size=524288`",
    "child": "`ThreadStackSize 524288`",
    "prefork": "`ulimit -s 512`",
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_nested_document_ends_the_process(kind: str) -> None:
    with of_kind(kind, 131072) as httpd:
        [finding] = scan.findings(httpd, CHECK)
        assert finding["severity"] == "medium"
        assert scan.hits_shop(finding)
        assert REMEDY[kind] in finding["remedy"][0]
        assert crashes(httpd)


@pytest.mark.parametrize("kind", KINDS)
def test_with_half_a_megabyte_it_is_parsed(kind: str) -> None:
    with of_kind(kind, 524288) as httpd:
        assert scan.findings(httpd, CHECK) == []
        assert httpd.get("/shop") == hosts.WORKING


def test_unlimited_means_enough() -> None:
    with hosts.host(*hosts.daemon(), ulimit="ulimit -s unlimited") as httpd:
        assert scan.findings(httpd, CHECK) == []
        assert httpd.get("/shop") == hosts.WORKING
