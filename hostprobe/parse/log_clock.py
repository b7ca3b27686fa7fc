"""Where the time of an error log goes back: lines of processes in different time zones."""

import re
from collections import Counter
from datetime import datetime

from hostprobe.facts.error_log import LogClock

MONTHS = b"Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
CTIME = rb"[A-Z][a-z]{2} ([A-Z][a-z]{2}) +(\d{1,2}) (\d\d):(\d\d):(\d\d)(?:\.\d+)? (\d{4})"
COMPACT = rb"(\d{4})-(\d\d)-(\d\d)[ T](\d\d):(\d\d):(\d\d)(?:\.\d+)?"
TIME = re.compile(rb"^\[?(?:%s|%s)\]" % (CTIME, COMPACT), re.MULTILINE)
"""The forms of `%t`, `%{u}t`, `%{c}t` and `%{cu}t`; a time with its offset is none of them."""

QUARTER = 900
"""Seconds: offsets of zones differ by whole quarters of an hour."""


def parse_log_clock(data: bytes) -> LogClock:
    """Of the end of an error log; a first line that is cut counts for nothing."""
    steps: Counter[int] = Counter()
    last: datetime | None = None
    for match in TIME.finditer(data):
        time = moment(match)
        if time is not None:
            if last is not None and time < last:
                steps[-(int((time - last).total_seconds()) // QUARTER)] += 1
            last = time
    return LogClock(tuple(sorted(steps.items())))


def moment(match: re.Match[bytes]) -> datetime | None:
    """Local time of whatever process; None for a day that does not exist."""
    groups = match.groups()
    try:
        if groups[0] is None:
            numbers = [int(part) for part in groups[6:]]
        else:
            month, day, *clock, year = groups[:6]
            numbers = [int(year), MONTHS.index(month) + 1, int(day), *map(int, clock)]
        return datetime(*numbers)  # type: ignore[arg-type]  # noqa: DTZ001
    except ValueError:
        return None
