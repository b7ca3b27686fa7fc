"""Threads beside pids.max, TasksMax= and RLIMIT_NPROC."""

from dataclasses import replace

import pytest
from hostprobe_checks.thread_limit import thread_limit

from hostprobe.check import Certainty, Severity
from hostprobe.model.instance import Extension
from hostprobe.model.memory.capacity import Capacities
from tests.model.linked_host import thing
from tests.model.memory.host import capacity, limits, running, status

MULTIARRAY = "/venv/lib/python3.11/site-packages/numpy/_core/_multiarray_umath.so"
OPENBLAS = "libscipy_openblas64_-9e3e5a4229.so"
USERS = {
    "/etc/passwd": "root:x:0:0::/root:/bin/sh\nwww-data:x:33:33::/var/www:/bin/sh\n",
    "/etc/group": "www-data:x:33:\n",
}
TEXT = "User www-data\nGroup www-data\nMaxRequestWorkers 50\nWSGIDaemonProcess shop threads=10\n"
TOTAL = 1 + 2 * 27 + 13
UNIT = "[Service]\nExecStart=/usr/sbin/apache2 -k start\nTasksMax={}\n"


def run(contents=(), *, text=TEXT, numpy=False, own="", **options):
    files = USERS | {MULTIARRAY: thing(needed=[OPENBLAS])} | dict(contents)
    one = capacity(text, files, group="shop", **options)
    if numpy:
        extension = Extension("numpy._core._multiarray_umath", MULTIARRAY)
        application = replace(one.instance.applications[0], reachable=(extension,))
        object.__setattr__(one.instance, "applications", (application,))
    return list(thread_limit.body(Capacities((one,))))


def group(limit, used=TOTAL, refused=0, version=1):
    """A control group of process 1."""
    if version == 1:
        line, place = "8:pids:/httpd\n", "/sys/fs/cgroup/pids"
    else:
        line, place = "0::/httpd\n", "/sys/fs/cgroup"
    return status(1, 0, TOTAL) | {
        "/proc/1/cgroup": line,
        f"{place}/httpd/pids.max": f"{limit}\n",
        f"{place}/httpd/pids.current": f"{used}\n",
        f"{place}/httpd/pids.events": f"max {refused}\n",
    }


@pytest.mark.parametrize("version", [1, 2])
def test_it_fires_for_a_control_group(version):
    (finding,) = run(group(TOTAL - 1, version=version), running=running())
    assert (finding.severity, finding.certainty) == (Severity.high, Certainty.certain)
    assert finding.evidence["needed"] == TOTAL
    assert finding.evidence["limit_from"].endswith("/httpd/pids.max")


def test_the_group_above_counts_what_others_use():
    contents = group("max") | {
        "/sys/fs/cgroup/pids/pids.max": "100\n",
        "/sys/fs/cgroup/pids/pids.current": f"{TOTAL + 60}\n",
    }
    (finding,) = run(contents, running=running())
    assert finding.evidence["sum"][-1] == {
        "what": "others in the same control group",
        "threads": 60,
    }


def test_what_was_refused_is_observed():
    (finding,) = run(group(TOTAL - 1, refused=3), running=running())
    assert finding.certainty is Certainty.observed
    assert "3 times" in finding.detail


def test_it_fires_for_the_threads_of_openblas():
    (finding,) = run(group(TOTAL), numpy=True, running=running())
    assert finding.certainty is Certainty.likely
    assert OPENBLAS in finding.evidence["sum"][2]["what"]
    assert "OPENBLAS_NUM_THREADS" in finding.remedy[0]


def test_it_fires_for_the_unit_of_an_httpd_that_does_not_run():
    (finding,) = run({"/lib/systemd/system/apache2.service": UNIT.format(60)})
    assert finding.identity == ("TasksMax",)


@pytest.mark.parametrize(
    ("share", "numbers", "allowed"),
    [
        ("10%", (10 * TOTAL - 9, 1 << 20), TOTAL - 1),
        ("10%", (1 << 22, 10 * TOTAL - 10), TOTAL - 1),
        ("0.5%", (1 << 22, 200 * TOTAL - 1), TOTAL - 1),
        ("10%", (10 * TOTAL + 1, 1 << 20), None),
        ("10%", (1 << 22, 10 * TOTAL), None),
        ("101%", (10, 10), None),
        ("10 %", (10, 10), None),
    ],
)
def test_a_share_of_what_the_system_can_have_counts(share, numbers, allowed):
    contents = {"/lib/systemd/system/apache2.service": UNIT.format(share)}
    contents |= dict(
        zip(
            ("/proc/sys/kernel/pid_max", "/proc/sys/kernel/threads-max"),
            (f"{number}\n" for number in numbers),
            strict=True,
        )
    )
    found = [one.evidence["limit"] for one in run(contents)]
    assert found == ([] if allowed is None else [allowed])


@pytest.mark.parametrize("line", ["ulimit -u 50", "ulimit -p 50"])
def test_it_fires_for_the_user(line):
    (finding,) = run({"/etc/apache2/envvars": line})
    assert finding.evidence["needed"] == TOTAL - 1
    assert "user www-data" in finding.evidence["limit_from"]


def test_it_is_silent_where_one_thread_of_openblas_is_asked_for():
    environment = {"OPENBLAS_NUM_THREADS": "1"}
    assert run(group(TOTAL), numpy=True, running=running(), environment=environment) == []


@pytest.mark.parametrize(
    ("contents", "options"),
    [
        (group(TOTAL), {"running": running()}),
        (group("max"), {"running": running()}),
        ({}, {"running": running()}),
        ({"/lib/systemd/system/apache2.service": UNIT.format(TOTAL)}, {}),
        ({"/lib/systemd/system/apache2.service": UNIT.format("15%")}, {}),
        ({"/lib/systemd/system/apache2.service": UNIT.format("infinity")}, {}),
        (limits(processes=TOTAL - 1), {"running": running()}),
        ({"/etc/apache2/envvars": "ulimit -u unlimited"}, {}),
    ],
)
def test_it_is_silent_where_they_fit_or_nothing_limits(contents, options):
    assert run(contents, **options) == []


def test_it_is_silent_for_a_user_whose_processes_have_one_thread_each():
    text = "User www-data\nGroup www-data\nMaxRequestWorkers 100\n"
    assert run({"/etc/apache2/envvars": "ulimit -u 50"}, text=text, mpm="prefork") == []
