"""An httpd in UTC whose application may set another zone and writes a line into the error log."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping, Sequence

from tests.real.hosts import sharing
from tests.real.httpd import Httpd

SITE = """
import os, sys, time
{statement}
def answer():
    print("a line of the shop", file=sys.stderr)
"""
TOKYO = 'os.environ["TZ"] = "Asia/Tokyo"\ntime.tzset()'
UTC = 'os.environ["TZ"] = "Etc/UTC"\ntime.tzset()'
ACCESS = ['LogFormat "%t" time', "CustomLog access.log time"]
FORBIDDEN = ["<Location /forbidden>", "Require all denied", "</Location>"]  # httpd logs AH01630
HOUR = re.compile(r"\[\w{3} \w{3} +\d+ (\d\d):\d\d:\d\d[.\d]* \d{4}")


def host(
    statement: str,
    lines: Sequence[str] = (),
    *,
    daemon: bool = False,
    environment: Mapping[str, str] | None = None,
) -> Httpd:
    body = SITE.format(statement=statement)
    zone = {"TZ": "UTC"} if environment is None else environment
    more = [*ACCESS, *FORBIDDEN, *lines]
    return sharing.host({"shop": body}, more, daemon=daemon, environment=zone)


def request(httpd: Httpd) -> None:
    """Twice: httpd keeps the time of a second as it was when somebody first asked for it."""
    for _ in range(2):
        assert httpd.get("/shop")[0] == 200
        time.sleep(1.1)


def difference(log: str) -> int:
    """Hours by which the shop's line is ahead of httpd's first; both have to be there."""
    lines = log.splitlines()
    own = next(line for line in reversed(lines) if "a line of the shop" in line)
    others = next(line for line in lines if "resuming normal operations" in line)
    ours, theirs = (HOUR.search(line) for line in (own, others))
    assert ours
    assert theirs
    return (int(ours[1]) - int(theirs[1])) % 24
