"""Small files of /proc, control groups and OpenVZ."""

import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostprobe.facts.memory import Beancounter, CgroupEntry, PooledMemory
from hostprobe.parse.error import ParseError
from hostprobe.parse.kernel import (
    parse_beancounters,
    parse_cgroup_membership,
    parse_kernel_counters,
    parse_kernel_number,
    parse_online_processors,
    parse_pooled_memory,
    parse_socket_use,
)

BEANCOUNTERS = b"""Version: 2.5
       uid  resource           held    maxheld    barrier      limit    failcnt
      101:  kmemsize        2746882    5836800   11055923   11377049          0
            privvmpages       26240      27001      65536      69632         12
            physpages         11202      14001          0 9223372036854775807          0
            oomguarpages      11202      14001      21845 2147483647          0
      102:  privvmpages           1          2          3          4          5
"""


@pytest.mark.parametrize(
    ("data", "value"),
    [
        (b"max\n", None),
        (b"0\n", 0),
        (b"536870912\n", 536870912),
        (b"9223372036854771712\n", None),
        (b"99999999999999999999", None),
    ],
)
def test_a_number_or_no_limit(data, value):
    assert parse_kernel_number(data).value == value


def test_counters_are_bytes_where_the_kernel_says_kb():
    found = parse_kernel_counters(b"MemTotal:  2 kB\nHugePages_Total:   3\nActive(anon): 1 kB\n")
    assert found.values == {"MemTotal": 2048, "HugePages_Total": 3, "Active(anon)": 1024}


def test_events_of_a_control_group():
    assert parse_kernel_counters(b"low 0\noom 2\noom_kill 1\n").values["oom_kill"] == 1


ROLLUP = b"""55-ff ---p 00000000 00:00 0 [rollup]
Rss:  9 kB
Pss:  4 kB
Private_Clean:  1 kB
Private_Dirty:  2 kB
"""


def test_the_proportional_share_and_what_is_private():
    assert parse_pooled_memory(ROLLUP) == PooledMemory(4 << 10, 3 << 10)


@pytest.mark.parametrize(
    ("data", "count"), [(b"0\n", 1), (b"0-3\n", 4), (b"0-3,8,10-11\n", 7), (b"0,2", 2)]
)
def test_processors_are_counted(data, count):
    assert parse_online_processors(data).count == count


@pytest.mark.parametrize("data", [b"", b"x", b"3-0", b"0-999999", b"0-"])
def test_nonsense_is_no_list_of_processors(data):
    with pytest.raises(ParseError):
        parse_online_processors(data)


def test_tcp_sockets():
    assert parse_socket_use(b"sockets: used 9\nTCP: inuse 5 orphan 0 tw 3\n").tcp == 5


def test_hierarchies_of_both_versions():
    found = parse_cgroup_membership(b"12:cpu,cpuacct:/a\n4:memory:/x:y\n1:name=systemd:/s\n0::/u\n")
    assert found.entries == (
        CgroupEntry(("cpu", "cpuacct"), "/a"),
        CgroupEntry(("memory",), "/x:y"),
        CgroupEntry(("name=systemd",), "/s"),
        CgroupEntry((), "/u"),
    )


def test_the_first_container_counts():
    found = {one.resource: one for one in parse_beancounters(BEANCOUNTERS).all}
    assert found["privvmpages"] == Beancounter("privvmpages", 26240, 27001, 65536, 69632, 12)
    assert found["physpages"].limit is None
    assert found["oomguarpages"].limit is None


@pytest.mark.parametrize(
    ("path", "parse"),
    [
        ("/proc/meminfo", parse_kernel_counters),
        ("/proc/self/cgroup", parse_cgroup_membership),
        ("/proc/sys/vm/overcommit_memory", parse_kernel_number),
        ("/sys/devices/system/cpu/online", parse_online_processors),
    ],
)
def test_this_kernel_is_understood(path, parse):
    parse(Path(path).read_bytes())


@pytest.mark.parametrize(
    "parse",
    [
        parse_beancounters,
        parse_cgroup_membership,
        parse_kernel_counters,
        parse_kernel_number,
        parse_online_processors,
        parse_pooled_memory,
        parse_socket_use,
    ],
)
@given(st.binary())
def test_any_bytes_are_a_fact_or_a_parse_error(parse, data):
    with contextlib.suppress(ParseError):
        parse(data)
