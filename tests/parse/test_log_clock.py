"""Times of an error log that go back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostprobe.facts.error_log import LogClock
from hostprobe.parse.log_clock import parse_log_clock


def log(*times, form="[Fri Nov 27 {} 2026] [core:notice] x\n"):
    return "".join(form.format(time) for time in times).encode()


@pytest.mark.parametrize(
    ("data", "steps"),
    [
        (log("05:00:00", "14:00:01", "05:00:02", "14:00:00", "05:00:00"), ((36, 2),)),
        (log("05:00:00.123", "05:30:00.5", "05:00:01.9"), ((2, 1),)),
        (log("05:00:01", "05:00:00"), ((1, 1),)),
        (log("05:00:00", "05:00:00", "06:00:00"), ()),
        (log("05:00:00", "04:00:00", form="[2026-11-27 {}.123456] x\n"), ((4, 1),)),
        (log("05:00:00", "04:00:00", form="2026-11-27 {}] x\n"), ((4, 1),)),
        (log("05:00:00", "04:00:00", form="[2026-11-27 {} +0000] x\n"), ()),
        (log("05:00:00", "04:00:00", form="[Fri Nov 27 {} 2026 +0100] x\n"), ()),
        (log("05:00:00", "04:00:00", form="x [Fri Nov 27 {} 2026]\n"), ()),
        (log("05:00:00", "99:00:00", "04:00:00"), ((4, 1),)),
        (b"", ()),
    ],
)
def test_steps_back_are_counted_in_quarters_of_an_hour(data, steps):
    assert parse_log_clock(data) == LogClock(steps)


@given(st.binary() | st.text(alphabet="[Fri Nov 0123456789:.-T]\n").map(str.encode))
def test_any_bytes_are_a_log(data):
    parse_log_clock(data)
