import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostprobe.agent.counters import STAGES, Counters, parse_counters, render_counters


def test_counters_go_on_after_a_restart():
    counters = Counters(scans_total=3, last_success="2026-11-27T13:00:00Z")
    counters.failed("2026-11-27T14:00:00Z", "timeout", "not finished")
    back = parse_counters(render_counters(counters))
    assert (back.scans_total, back.last_success) == (3, "2026-11-27T13:00:00Z")
    assert back.scan_errors_total["timeout"] == 1
    assert sum(back.scan_errors_total.values()) == 1


def test_who_watches_finds_every_stage():
    stored = json.loads(render_counters(Counters()))
    assert stored == {
        "schema": 1,
        "scans_total": 0,
        "scan_errors_total": dict.fromkeys(STAGES, 0),
        "last_success": None,
        "last_failure": None,
        "watched": 0,
        "unwatched": 0,
    }


@pytest.mark.parametrize(
    "change",
    [
        {"scans_total": -1},
        {"scans_total": "1"},
        {"scan_errors_total": 3},
        {"scan_errors_total": {"scan": 1.5}},
    ],
)
def test_a_wrong_number_begins_anew(change):
    stored = json.loads(render_counters(Counters(scans_total=3))) | change
    assert parse_counters(json.dumps(stored).encode()) == Counters()


@given(
    st.binary()
    | st.recursive(st.none() | st.text(), st.lists).map(lambda x: json.dumps(x).encode())
)
def test_a_damaged_file_begins_anew(data):
    assert parse_counters(data) == Counters()
