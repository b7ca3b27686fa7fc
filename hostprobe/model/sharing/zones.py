"""What a value of TZ means: its offsets from UTC (tzset(3), glibc's tzset.c, RFC 8536).

Zones are compared by these, not by their names: UTC, Etc/UTC and a /etc/localtime that says the
same are one zone.
"""

import posixpath
import re
from dataclasses import dataclass
from datetime import date, timedelta

from hostprobe.facts.files import Files, Missing
from hostprobe.facts.zone import ZoneFile

ZONES = "/usr/share/zoneinfo"
LOCALTIME = "/etc/localtime"
FIRST_YEAR, LAST_YEAR = 2000, 2037
"""What happened earlier, or comes later, does not make zones different: Berlin and Copenhagen."""

EPOCH = date(1970, 1, 1)
DAY = 86_400
NAME = r"(?:<[A-Za-z0-9+-]{3,}>|[A-Za-z]{3,})"
OFFSET = r"([+-]?\d{1,3}(?::\d{1,2}){0,2})"
RULE = re.compile(rf"{NAME}{OFFSET}(?:({NAME}){OFFSET}?(?:,([^,]+),([^,]+))?)?")
USUAL_RULE = ("M3.2.0", "M11.1.0")
"""glibc's rule where TZ does not say when summer begins, and no file posixrules does."""

Rules = tuple[tuple[int, int], ...]
"""From when (seconds since the epoch), which offset (seconds): the changes of those years."""


@dataclass(frozen=True, slots=True)
class Zone:
    """A value of TZ and what it means."""

    text: str | None
    """None: TZ is not set."""

    rules: Rules | Missing

    @property
    def name(self) -> str:
        """In words."""
        return LOCALTIME if self.text is None else self.text or "UTC"


class Zones:
    """Values of TZ, each looked up once."""

    def __init__(self, files: Files) -> None:
        self._files = files
        self._known: dict[str | None, Zone] = {}

    def of(self, text: str | None) -> Zone:
        """The zone of a value; a name that no file has is what its text says, or else UTC."""
        if text not in self._known:
            self._known[text] = Zone(text, self._rules(text))
        return self._known[text]

    def _rules(self, text: str | None) -> Rules | Missing:
        if text is None:
            return self._of_file(LOCALTIME, "UTC0")
        name = text.removeprefix(":")
        return self._of_file(posixpath.join(ZONES, name), name) if name else rules_of_text("UTC0")

    def _of_file(self, path: str, otherwise: str) -> Rules | Missing:
        found = self._files.read(path, ZoneFile)
        if isinstance(found, Missing):
            is_directory = found.reason.endswith("not a regular file")
            return rules_of_text(otherwise) if found.not_found or is_directory else found
        return rules_of_file(found)


def rules_of_file(zone: ZoneFile) -> Rules:
    """The transitions of the file, and after the last one its rule."""
    changes = [(-(1 << 62), zone.first), *sorted(zone.transitions)]
    last = changes[-1][0]
    if zone.rule and (rule := RULE.fullmatch(zone.rule)):
        changes += [(at, offset) for at, offset in changes_of(rule) if at > last]
    return within(changes)


def rules_of_text(text: str) -> Rules:
    """A POSIX value of TZ; anything else is UTC to the C library."""
    rule = RULE.match(text)
    return within(changes_of(rule) if rule else [(0, 0)])


def within(changes: list[tuple[int, int]]) -> Rules:
    """The changes of the years that count, the first one being what held at their beginning."""
    begin, end = (seconds(date(year, 1, 1)) for year in (FIRST_YEAR, LAST_YEAR + 1))
    last = {max(at, begin): offset for at, offset in changes if at < end}
    found: list[tuple[int, int]] = []
    for at, offset in last.items():
        if not found or found[-1][1] != offset:
            found.append((at, offset))
    return tuple(found)


def changes_of(rule: re.Match[str]) -> list[tuple[int, int]]:
    """One, or two for each year."""
    standard_text, summer_name, summer_text, begins, ends = rule.groups()
    standard = -clock(standard_text)
    if summer_name is None:
        return [(seconds(date(FIRST_YEAR, 1, 1)), standard)]
    summer = -clock(summer_text) if summer_text else standard + 3600
    begins, ends = begins or USUAL_RULE[0], ends or USUAL_RULE[1]
    changes = []
    for year in range(FIRST_YEAR - 1, LAST_YEAR + 1):
        changes.append((moment(begins, year) - standard, summer))
        changes.append((moment(ends, year) - summer, standard))
    return sorted(changes)


def clock(text: str) -> int:
    """`[+-]h[:m[:s]]` in seconds."""
    sign = -1 if text.startswith("-") else 1
    parts = [int(part) for part in text.lstrip("+-").split(":")]
    return sign * sum(part * unit for part, unit in zip(parts, (3600, 60, 1), strict=False))


def moment(text: str, year: int) -> int:
    """Local time of a change, `Mm.w.d[/time]`, `Jn` or `n`, as if the offset were none."""
    day, _, time = text.partition("/")
    return seconds(day_of(day, year)) + (clock(time) if time else 2 * 3600)


def day_of(text: str, year: int) -> date:
    """Of one year; the first of January for what is no day."""
    first = date(year, 1, 1)
    if match := re.fullmatch(r"M(\d{1,2})\.([1-5])\.([0-6])", text):
        month, week, weekday = (int(part) for part in match.groups())
        return weekday_of(year, month, week, weekday) if 1 <= month <= 12 else first
    if match := re.fullmatch(r"(J?)(\d{1,3})", text):
        number = int(match[2])
        is_leap = (date(year + 1, 1, 1) - first).days == 366
        if match[1]:
            number += -1 if number < 60 or not is_leap else 0
        return first + timedelta(days=number)
    return first


def weekday_of(year: int, month: int, week: int, weekday: int) -> date:
    """The week-th weekday (0 is Sunday) of a month; 5 is the last one."""
    first = date(year, month, 1)
    day = first + timedelta(days=(weekday - first.isoweekday()) % 7 + 7 * (week - 1))
    return day if day.month == month else day - timedelta(days=7)


def seconds(day: date) -> int:
    """Since the epoch, at midnight."""
    return (day - EPOCH).days * DAY
