"""The kernel's lines about kills for want of memory (mm/oom_kill.c), in whatever log holds them."""

import re

from hostprobe.facts.memory import OomKill, OomLog

BOOT = re.compile(rb"\[ *0\.000000\] Linux version ")
KILL = re.compile(
    rb"\[ *(\d{1,12}\.\d{1,9})\] (?:Memory cgroup out of memory|Out of memory): "
    rb"Kill(?:ed)? process (\d{1,10}) \(([^)\n]{1,15})\)"
)
MOST_KILLS = 10_000


def parse_oom_log(data: bytes) -> OomLog:
    """Those after the last boot that the text tells of, the last ones where there are too many."""
    boots = [match.end() for match in BOOT.finditer(data)]
    found = KILL.findall(data, boots[-1] if boots else 0)[-MOST_KILLS:]
    return OomLog(
        tuple(
            OomKill(float(seconds), int(pid), name.decode("utf-8", "replace"))
            for seconds, pid, name in found
        )
    )
