"""Zones are what the C library and zoneinfo make of them."""

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

import pytest

from hostprobe.facts.files import Missing
from hostprobe.model.sharing.zones import Zones, rules_of_text, seconds
from tests.model.memory_files import MemoryFiles

ROOT = Path("/usr/share/zoneinfo")
NAMES = sorted(name for name in available_timezones() if (ROOT / name).is_file())
needs_zones = pytest.mark.skipif(len(NAMES) < 400, reason="tzdata is not installed")


class DiskFiles(MemoryFiles):
    """The zones of this machine."""

    def __init__(self):
        super().__init__({str(ROOT / name): (ROOT / name).read_bytes() for name in NAMES})


def moments():
    """Odd times, six of a month."""
    begin, end = (int(datetime(year, 1, 1, tzinfo=UTC).timestamp()) for year in (2000, 2038))
    return range(begin + 1234, end, 5 * 86_400 + 4321)


def offset_at(rules, at):
    return next(offset for start, offset in reversed(rules) if start <= at)


@needs_zones
def test_every_zone_is_that_of_zoneinfo():
    zones = Zones(DiskFiles())
    for name in NAMES:
        rules, zone = zones.of(name).rules, ZoneInfo(name)
        for at in moments()[::4]:
            expected = datetime.fromtimestamp(at, zone).utcoffset().total_seconds()
            assert offset_at(rules, at) == expected, (name, at)


TEXTS = (
    "UTC0", "EST5EDT,M3.2.0,M11.1.0", "CET-1CEST,M3.5.0,M10.5.0/3", "<+0330>-3:30",
    "NST3:30NDT,M4.1.0,M10.5.0",
    "AEST-10AEDT,M10.1.0,M4.1.0/3", "IST-1GMT0,M10.5.0,M3.5.0/1", "XXX3YYY,J60/0,J300/25", "PST8",
    "XXX3YYY,59,300/-1", "Nowhere/Land", "ABC", "XYZ-14", "AAA+1:2:3", "Foo/Bar", "JST-9x",
)  # fmt: skip
ORACLE = """
import json, os, sys, time
answers = {}
for text in json.loads(sys.argv[1]):
    os.environ["TZ"] = text
    time.tzset()
    answers[text] = [time.localtime(at).tm_gmtoff for at in json.loads(sys.argv[2])]
print(json.dumps(answers))
"""


@needs_zones
def test_every_text_is_that_of_the_c_library():
    times = list(moments())[::3]
    command = [sys.executable, "-c", ORACLE, json.dumps(TEXTS), json.dumps(times)]
    answers = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    for text in TEXTS:
        rules = rules_of_text(text)
        assert [offset_at(rules, at) for at in times] == answers[text], text


def same(left, right):
    zones = Zones(DiskFiles())
    return zones.of(left).rules == zones.of(right).rules


@needs_zones
@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("UTC", "Etc/UTC"), ("UTC", "GMT0"), ("UTC", ""), ("UTC", "Europe/Nowhere"),
        ("UTC", ":UTC"), ("UTC", None), ("Europe/Berlin", "Europe/Copenhagen"),
        ("Europe/Berlin", "CET-1CEST,M3.5.0,M10.5.0/3"), ("Asia/Tokyo", "JST-9"),
        ("Europe/Berlin", str(ROOT / "Europe/Berlin")), ("America/Chicago", "US/Central"),
    ],
)  # fmt: skip
def test_the_same_zone_by_other_names(left, right):
    assert same(left, right)


@needs_zones
@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("UTC", "Europe/London"), ("Europe/Berlin", "Africa/Algiers"),
        ("Europe/Istanbul", "Asia/Riyadh"), ("EST5EDT", "EST5"),
    ],
)  # fmt: skip
def test_different_zones(left, right):
    assert not same(left, right)


def test_localtime_counts_where_nothing_is_set():
    berlin = (ROOT / "Europe/Berlin").read_bytes()
    zones = Zones(MemoryFiles({"/etc/localtime": berlin, str(ROOT / "Europe/Berlin"): berlin}))
    assert zones.of(None).rules == zones.of("Europe/Berlin").rules
    assert zones.of(None).name == "/etc/localtime"


def test_a_zone_that_cannot_be_read_is_missing():
    zones = Zones(MemoryFiles({str(ROOT / "X"): Missing("/usr/share/zoneinfo/X: no access")}))
    assert isinstance(zones.of("X").rules, Missing)


def test_a_directory_is_no_zone():
    zones = Zones(MemoryFiles({str(ROOT / "Europe/Berlin"): b""}))
    assert zones.of("Europe").rules == zones.of("UTC").rules


def test_a_day_counts_from_the_epoch():
    assert seconds(datetime(2000, 1, 1, tzinfo=UTC).date()) == 946_684_800
