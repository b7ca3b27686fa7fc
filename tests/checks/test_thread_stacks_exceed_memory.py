"""Stacks and arenas beside limits of virtual memory."""

from dataclasses import replace

import pytest
from hostprobe_checks.thread_stacks_exceed_memory import thread_stacks_exceed_memory

from hostprobe.check import Severity
from hostprobe.model.memory.capacity import Capacities
from hostprobe.model.running.processes import Role
from tests.model.memory.host import KB, MB, capacities, capacity, limits, running, status

BEANS = """Version: 2.5
       uid  resource     held  maxheld  barrier  limit  failcnt
      101:  privvmpages  {held}  9999999  {barrier}  9999999  0
"""


def run(text, contents=(), **options):
    return list(thread_stacks_exceed_memory.body(capacities(text, contents, **options)))


def daemon(options):
    return f"ThreadsPerChild 5\nWSGIDaemonProcess shop {options}"


def test_it_fires_for_a_daemon_whose_address_space_is_limited():
    (finding,) = run(daemon(f"threads=40 virtual-memory-limit={256 * MB}"), group="shop")
    assert finding.severity is Severity.critical
    assert finding.subject == "process-group:shop"
    assert finding.affected == ("example.org/shop (/srv/shop.wsgi)",)
    stacks, arenas, _ = finding.evidence["sum"]
    assert stacks["bytes"] == 42 * (8 * MB + 4096)
    assert arenas["bytes"] == 15 * 64 * MB
    assert "`stack-size=524288`" in finding.remedy[0]
    assert "MALLOC_ARENA_MAX=2" in finding.remedy[0]


def test_it_fires_where_only_the_arenas_are_too_many():
    text = daemon(f"threads=15 stack-size=524288 virtual-memory-limit={512 * MB}")
    (finding,) = run(text)
    assert finding.remedy[0].startswith("`Environment=MALLOC_ARENA_MAX=2`") or (
        finding.remedy[0].startswith("`export MALLOC_ARENA_MAX=2`")
    )
    assert "stack-size" not in finding.remedy[0]


def test_it_fires_for_children_under_an_inherited_limit():
    text, contents = "ThreadsPerChild 25", {"/etc/apache2/envvars": "ulimit -v 262144\n"}
    (finding,) = run(text, contents)
    assert finding.subject.startswith("instance:")
    assert finding.evidence["limit_from"] == "ulimit -v (/etc/apache2/envvars:1)"
    assert "ThreadStackSize 524288" in finding.remedy[0]
    assert "in /etc/apache2/envvars" in finding.remedy[0]


def test_data_counts_stacks_but_no_reserved_arenas():
    (finding,) = run(daemon(f"threads=40 memory-limit={128 * MB}"))
    assert finding.evidence["sum"][0]["bytes"] == 42 * 8 * MB
    assert finding.evidence["sum"][1]["bytes"] == 15 * 132 * KB
    assert "MALLOC_ARENA_MAX" not in finding.remedy[0]


def test_near_the_limit_is_medium():
    """3 stacks of 8 MB, 3 arenas of 64 MB and 6 MB are 222 MB."""
    text = daemon(f"threads=3 deadlock-timeout=0 virtual-memory-limit={240 * MB}")
    (finding,) = run(text)
    assert finding.severity is Severity.medium


def test_what_runs_is_measured():
    text = daemon(f"threads=3 deadlock-timeout=0 virtual-memory-limit={600 * MB}")
    contents = status(7, 424 * MB, 4) | limits()
    (finding,) = run(text, contents, running=running((7, Role.DAEMON, "shop")))
    assert finding.evidence["sum"][2]["what"] == "everything else, measured in process 7"
    assert finding.evidence["sum"][2]["bytes"] == 424 * MB - 3 * (8 * MB + 4096)


def test_what_was_refused_threads_is_not_measured():
    text = daemon(f"threads=40 virtual-memory-limit={256 * MB}")
    contents = status(7, 200 * MB, 3) | limits()
    (finding,) = run(text, contents, running=running((7, Role.DAEMON, "shop")))
    assert "at the least" in finding.evidence["sum"][2]["what"]


def test_a_limit_that_nothing_makes_fit_is_to_be_raised():
    text = daemon(f"threads=15 stack-size=524288 virtual-memory-limit={16 * MB}")
    (finding,) = run(text, environment={"MALLOC_ARENA_MAX": "1"})
    assert finding.remedy[0].startswith("Raise the limit")


def test_a_sysconfig_file_that_nobody_runs_is_named():
    unit = "[Service]\nExecStart=/usr/sbin/apache2 -DFOREGROUND\n"
    contents = {
        "/lib/systemd/system/apache2.service": unit,
        "/etc/sysconfig/httpd": "ulimit -s 512\n",
    }
    (finding,) = run(daemon(f"threads=40 virtual-memory-limit={256 * MB}"), contents)
    assert any("/etc/sysconfig/httpd:1 does nothing" in line for line in finding.remedy)


def test_it_fires_for_the_whole_host_of_a_vps():
    beans = {"/proc/user_beancounters": BEANS.format(held=1000, barrier=65536)}
    (finding,) = run("MaxRequestWorkers 100", beans)
    assert finding.severity is Severity.critical
    assert "4 processes of httpd's children" in finding.evidence["sum"][0]["what"]
    assert finding.evidence["limit"] == 65536 * 4096


def test_it_fires_under_strict_overcommit():
    contents = {
        "/proc/sys/vm/overcommit_memory": "2\n",
        "/proc/meminfo": f"CommitLimit: {1 << 20} kB\nCommitted_AS: {100 << 10} kB\n",
    }
    (finding,) = run("MaxRequestWorkers 400", contents)
    assert finding.identity == ("CommitLimit",)
    assert finding.evidence["sum"][-1]["bytes"] == 100 * MB


@pytest.mark.parametrize(
    ("text", "contents", "environment"),
    [
        (daemon("threads=400"), {}, {}),
        (daemon(f"threads=15 virtual-memory-limit={2048 * MB}"), {}, {}),
        (
            daemon(f"threads=15 stack-size=524288 virtual-memory-limit={256 * MB}"),
            {},
            {"MALLOC_ARENA_MAX": "2"},
        ),
        (
            daemon(f"threads=15 stack-size=524288 virtual-memory-limit={256 * MB}"),
            {},
            {"LD_PRELOAD": "/usr/lib/x86_64-linux-gnu/libjemalloc.so.2"},
        ),
        (daemon("threads=15"), {"/etc/apache2/envvars": "ulimit -v unlimited\n"}, {}),
        ("", {"/proc/sys/vm/overcommit_memory": "0\n", "/proc/meminfo": "CommitLimit: 1 kB\n"}, {}),
        ("", {"/sys/fs/cgroup/memory.max": "1000\n"}, {}),
    ],
)
def test_it_is_silent_where_it_fits_or_nothing_limits(text, contents, environment):
    assert run(text, contents, environment=environment) == []


def test_it_is_silent_for_data_where_the_kernel_does_not_count_stacks():
    one = capacity(daemon(f"threads=40 memory-limit={128 * MB}"))
    old = Capacities((replace(one, kernel="3.10.0-1160.el7.x86_64"),))
    assert list(thread_stacks_exceed_memory.body(old)) == []


def test_it_is_silent_under_prefork():
    assert run("", {"/etc/apache2/envvars": "ulimit -v 65536\n"}, mpm="prefork") == []
