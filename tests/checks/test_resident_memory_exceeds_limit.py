"""Resident memory at the full number of processes beside limits."""

import pytest
from hostprobe_checks.resident_memory_exceeds_limit import resident_memory_exceeds_limit

from hostprobe.check import Certainty, Severity
from hostprobe.facts.memory import OomKill, OomLog
from hostprobe.model.running.processes import Role
from tests.model.memory.host import MB, capacities, running, status

TEXT = "MaxRequestWorkers 10"
CHILDREN = running((7, Role.CHILD, None), (8, Role.CHILD, None))


def rollup(pid, pss, private):
    text = f"Pss: {pss >> 10} kB\nPrivate_Clean: 0 kB\nPrivate_Dirty: {private >> 10} kB\n"
    return {f"/proc/{pid}/smaps_rollup": text}


def host(resident=60 * MB, private=40 * MB, total=8192 * MB):
    """Two children of a parent, on a host with so much memory."""
    found = {"/proc/meminfo": f"MemTotal: {total >> 10} kB\n"} | status(1, 0, 1, resident=8 * MB)
    for pid in (7, 8):
        found |= status(pid, 0, 1, resident=resident) | rollup(pid, private + 5 * MB, private)
    return found


def group(limit, version=1, kills=0):
    """The control group of process 1."""
    if version == 1:
        place = "/sys/fs/cgroup/memory/httpd"
        return {
            "/proc/1/cgroup": "4:memory:/httpd\n",
            f"{place}/memory.limit_in_bytes": f"{limit}\n",
            f"{place}/memory.oom_control": f"oom_kill_disable 0\nunder_oom 0\noom_kill {kills}\n",
        }
    place = "/sys/fs/cgroup/httpd"
    return {
        "/proc/1/cgroup": "0::/httpd\n",
        f"{place}/memory.max": f"{limit}\n",
        f"{place}/memory.events": f"oom {kills}\noom_kill {kills}\n",
    }


def run(contents, text=TEXT, mpm="prefork", processes=CHILDREN):
    found = capacities(text, contents, mpm=mpm, running=processes)
    return list(resident_memory_exceeds_limit.body(found))


@pytest.mark.parametrize("version", [1, 2])
def test_it_fires_for_the_limit_of_a_control_group(version):
    (finding,) = run(host() | group(300 * MB, version))
    assert (finding.severity, finding.certainty) == (Severity.high, Certainty.likely)
    assert finding.evidence["needed"] == 2 * 45 * MB + 8 * 40 * MB
    assert "`MaxRequestWorkers 7`" in finding.remedy[0]


def test_it_fires_for_the_memory_of_the_host():
    (finding,) = run(host(total=256 * MB))
    assert finding.evidence["limit_from"] == "MemTotal of /proc/meminfo"


def test_the_number_is_one_of_workers():
    (finding,) = run(host() | group(200 * MB), "MaxRequestWorkers 250", "event")
    assert "`MaxRequestWorkers 100`" in finding.remedy[0]
    assert "4 processes fit" in finding.remedy[0]


@pytest.mark.parametrize("version", [1, 2])
def test_it_fires_for_kills_that_were_seen(version):
    (finding,) = run(host() | group(2048 * MB, version, kills=3))
    assert finding.certainty is Certainty.observed
    assert finding.evidence["oom_kills"] == 3


@pytest.mark.parametrize(
    "contents",
    [
        host(),
        host() | group(2048 * MB),
        host() | group(9223372036854771712),
        host() | group("max", version=2),
        host(resident=400 * MB, private=4 * MB) | group(300 * MB),
    ],
)
def test_it_is_silent_where_it_fits(contents):
    """The last one: most of what the processes have they share."""
    assert run(contents) == []


def test_it_is_silent_for_an_httpd_that_does_not_run():
    assert run(host(total=64 * MB), processes=None) == []


@pytest.mark.parametrize(("name", "boot", "count"), [("apache2", 1600000000, 1), ("mysqld", 0, 0)])
def test_it_fires_for_what_the_log_of_the_kernel_tells(name, boot, count):
    """The parent was started at 1.6e9 + 1."""
    log = {
        "/var/log/kern.log": OomLog((OomKill(1000.5, 77, name),)),
        "/proc/stat": f"btime {boot}\n",
    }
    assert len(run(host() | log)) == count


def test_it_is_silent_for_kills_before_httpd_was_started():
    log = {
        "/var/log/kern.log": OomLog((OomKill(1000.5, 77, "apache2"),)),
        "/proc/stat": "btime 9\n",
    }
    assert run(host() | log) == []


def test_pages_are_not_counted_where_the_simple_sum_fits():
    contents = host()
    for pid in (7, 8):
        contents[f"/proc/{pid}/smaps_rollup"] = b"damaged"
    assert run(contents) == []
