"""Memory limit and RSS limit of a VPS.

Recorded: user_beancounters as OpenVZ writes it; no such kernel runs here.
"""

import pytest
from hostprobe_checks.memory_limit_mismatch import memory_limit_mismatch

from hostprobe.check import Certainty, Severity
from tests.model.memory.host import capacities

NONE = 9223372036854775807
BEANS = """Version: 2.5
       uid  resource           held    maxheld    barrier      limit    failcnt
      101:  kmemsize        2746882    5836800   11055923   11377049          0
            privvmpages     {held}     {most}    {memory}   {memory}          0
            physpages       {rss}      {rss}            0   {limit}           0
            oomguarpages    {rss}      {rss}   {guarantee}  {none}            0
"""


def run(*, memory=262144, limit=87381, guarantee=NONE, held=1000, most=0, rss=500):
    text = BEANS.format(
        memory=memory, limit=limit, guarantee=guarantee, held=held, most=most, rss=rss, none=NONE
    )
    return list(memory_limit_mismatch.body(capacities("", {"/proc/user_beancounters": text})))


def test_it_fires_for_too_little_virtual_memory():
    """1024 MB with 768 MB resident."""
    (finding,) = run(limit=196608)
    assert (finding.severity, finding.certainty) == (Severity.low, Certainty.certain)
    assert finding.evidence["rss_limit"] == 768 << 20
    assert "2304 MB" in finding.remedy[0]


def test_it_fires_for_too_little_resident_memory():
    (finding,) = run(limit=10000)
    assert "RSS limit of 341 MB" in finding.remedy[0]


def test_it_fires_where_virtual_memory_is_nearly_used_up():
    (finding,) = run(most=240000)
    assert finding.certainty is Certainty.observed
    assert "92 %" in finding.detail


def test_it_fires_for_what_is_only_guaranteed():
    (finding,) = run(limit=NONE, guarantee=200000)
    assert finding.evidence["resources"] == ["privvmpages", "oomguarpages"]


@pytest.mark.parametrize(
    "limits",
    [
        {},
        {"limit": 131072},
        {"limit": NONE},
        {"memory": NONE},
        {"held": 240000, "rss": 60000},
    ],
)
def test_it_is_silent_where_they_fit_or_there_is_one_limit(limits):
    assert run(**limits) == []


def test_it_is_silent_on_other_hosts():
    assert list(memory_limit_mismatch.body(capacities(""))) == []
