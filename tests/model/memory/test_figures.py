"""The figures of OpenVZ and of control groups.

Recorded: user_beancounters and control groups of version 2.
"""

import pytest

from hostprobe.facts.memory import DiskSpace
from hostprobe.model.memory.figures import Figure, figures
from tests.model.memory_files import MemoryFiles

BEANS = """Version: 2.5
       uid  resource           held    maxheld    barrier      limit    failcnt
      101:  privvmpages       1000     2000     262144     270000          0
            physpages          500      600          0   9223372036854775807          0
            oomguarpages       500      600      87381   9223372036854775807          0
            numfile            300      400       9312       9312          0
            numtcpsock          20       30        360        360          0
"""
COMMON = {"/": DiskSpace(10 << 30, 3 << 30), "/proc/net/sockstat": "TCP: inuse 5 orphan 0\n"}
DISK = Figure("disk", 3 << 30, None, 10 << 30, "bytes", "/")
ONE = "/sys/fs/cgroup/memory/box"
TWO = "/sys/fs/cgroup/box"
FIRST = {
    "/proc/7/cgroup": "4:memory:/box\n",
    f"{ONE}/memory.limit_in_bytes": "536870912\n",
    f"{ONE}/memory.usage_in_bytes": "1000\n",
    f"{ONE}/memory.max_usage_in_bytes": "2000\n",
    f"{ONE}/memory.stat": "cache 1\nrss 700\n",
}
SECOND = {
    "/proc/7/cgroup": "0::/box/httpd\n",
    f"{TWO}/httpd/memory.max": "max\n",
    f"{TWO}/memory.max": "536870912\n",
    f"{TWO}/memory.current": "1000\n",
    f"{TWO}/memory.peak": "2000\n",
    f"{TWO}/memory.stat": "anon 700\nfile 1\n",
}


def test_a_vps_shows_what_its_panel_shows():
    found = figures(MemoryFiles(COMMON | {"/proc/user_beancounters": BEANS}))
    assert [(one.name, one.used, one.most, one.limit) for one in found] == [
        ("memory", 1000 << 12, 2000 << 12, 262144 << 12),
        ("context RSS", 500 << 12, 600 << 12, 87381 << 12),
        ("files", 300, 400, 9312),
        ("TCP sockets", 20, 30, 360),
        ("disk", 3 << 30, None, 10 << 30),
    ]


@pytest.mark.parametrize(("contents", "place"), [(FIRST, ONE), (SECOND, TWO)])
def test_a_container_shows_its_control_group(contents, place):
    assert figures(MemoryFiles(COMMON | contents), 7) == (
        Figure("memory", 1000, 2000, 512 << 20, "bytes", place),
        Figure("context RSS", 700, None, 512 << 20, "bytes", place),
        Figure("TCP sockets", 5, None, None, "count", "/proc/net/sockstat"),
        DISK,
    )


@pytest.mark.parametrize(
    "contents",
    [
        {},
        {"/proc/1/cgroup": "0::/\n"},
        {"/proc/1/cgroup": "0::/../other\n", "/sys/fs/cgroup/x": ""},
        {**FIRST, "/proc/1/cgroup": "4:memory:/\n"},
    ],
)
def test_a_host_without_limits_shows_nothing(contents):
    assert figures(MemoryFiles(COMMON | contents)) == ()
