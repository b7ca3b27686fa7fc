from hypothesis import given
from hypothesis import strategies as st

from hostprobe.agent.schedule import PATIENCE, Schedule, share_of_host, until_slot
from hostprobe.facts.settings import AgentSettings

SETTINGS = AgentSettings(interval=3600.0, debounce=10.0)
WALL = 7_200.0
"""On the grid of a host whose share is 0."""


def begun(share=0.0, now=0.0):
    """A schedule whose first scan began."""
    schedule = Schedule(SETTINGS, share, now)
    schedule.begun(now, WALL)
    return schedule


def test_the_first_scan_is_at_once():
    assert Schedule(SETTINGS, 0.5, 100.0).due == 100.0


def test_the_next_one_is_on_the_grid_of_the_host():
    assert begun().due == 3600.0
    assert begun(share=0.25).due == 900.0


def test_the_grid_is_kept_whenever_a_scan_began():
    schedule = begun()
    schedule.begun(100.0, WALL + 100)
    assert schedule.due == 3600.0


def test_a_change_waits_for_the_next_one_to_settle():
    schedule = begun()
    schedule.changed("a", 50.0)
    assert schedule.due == 60.0
    schedule.changed("b", 55.0)
    assert schedule.due == 65.0
    assert schedule.cause == "a"


def test_constant_changes_do_not_put_a_scan_off_for_ever():
    schedule = begun()
    for second in range(50, 500):
        schedule.changed("log", float(second))
    assert schedule.due == 50.0 + PATIENCE * SETTINGS.debounce


def test_changes_do_not_put_the_regular_scan_off():
    schedule = begun()
    schedule.changed("a", 3595.0)
    assert schedule.due == 3600.0


def test_a_change_during_a_scan_asks_for_another():
    schedule = begun()
    schedule.changed("a", 50.0)
    schedule.begun(60.0, WALL + 60)
    schedule.changed("b", 61.0)
    assert (schedule.due, schedule.cause) == (71.0, "b")


def test_a_scan_that_was_asked_for_is_due_at_once():
    schedule = begun()
    schedule.changed("a", 50.0)
    schedule.request("asked", 51.0)
    assert (schedule.due, schedule.cause) == (51.0, "asked")


def test_settings_that_were_read_again_hold_at_once():
    schedule = begun()
    schedule.adopt(AgentSettings(interval=60.0, debounce=1.0), 20.0, WALL + 20)
    assert schedule.due == 60.0
    schedule.changed("a", 21.0)
    assert schedule.due == 22.0


@given(st.floats(0, 1e10), st.floats(1, 1e6), st.floats(0, 1, exclude_max=True))
def test_the_next_slot_is_never_further_than_the_interval(wall, interval, share):
    assert 0 <= until_slot(wall, interval, share) <= interval


def test_a_fleet_is_spread_and_each_host_keeps_its_place():
    shares = [share_of_host(str(number).encode()) for number in range(1000)]
    assert shares == [share_of_host(str(number).encode()) for number in range(1000)]
    tenths = [int(share * 10) for share in shares]
    assert all(70 < tenths.count(tenth) < 130 for tenth in range(10))
