"""The default stacks of a real daemon: reserved, 8 MB each; as proposed they take a sixteenth."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.real import scan
from tests.real.hosts import thread_stacks_exceed_memory as hosts
from tests.real.httpd import Httpd

pytestmark = pytest.mark.real
CHECK = "stack-size-default"
LIMIT = f"display-name=shopstacks threads=30 virtual-memory-limit={3 << 30}"
STACK = re.compile(r"^[0-9a-f]+-[0-9a-f]+ ---p .*\n([0-9a-f]+)-([0-9a-f]+) rw-p ", re.MULTILINE)
DEFAULT, SMALL = 8 << 20, 512 << 10


def stacks(httpd: Httpd) -> list[int]:
    """Sizes behind guard pages in the daemon's mappings."""
    children = Path(f"/proc/{httpd.pid}/task/{httpd.pid}/children").read_text().split()
    daemons = [
        one for one in children if b"shopstacks" in Path(f"/proc/{one}/cmdline").read_bytes()
    ]
    maps = Path(f"/proc/{daemons[0]}/maps").read_text()
    return [int(end, 16) - int(start, 16) for start, end in STACK.findall(maps)]


def test_every_thread_has_reserved_8_mb() -> None:
    with hosts.daemon(LIMIT) as httpd:
        [finding] = scan.findings(httpd, CHECK)
        assert finding["severity"] == "low"
        assert finding["evidence"]["reserved"] == 32 * DEFAULT
        assert stacks(httpd).count(DEFAULT) == 32
        assert hosts.SMALL in finding["remedy"][0]


def test_what_the_directive_says_is_reserved() -> None:
    with hosts.daemon(f"{LIMIT} {hosts.SMALL}") as httpd:
        assert scan.findings(httpd, CHECK) == []
        assert stacks(httpd).count(SMALL) == 32


def test_without_a_limit_nobody_minds() -> None:
    httpd = hosts.daemon("threads=30")
    assert scan.findings(httpd, CHECK) == []
