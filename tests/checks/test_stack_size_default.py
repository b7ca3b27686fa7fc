"""The default stack of many threads under a limit of virtual memory."""

import pytest
from hostprobe_checks.stack_size_default import stack_size_default

from hostprobe.check import Severity
from tests.model.memory.host import MB, capacities

FEW = {"MALLOC_ARENA_MAX": "2"}
BEANS = """Version: 2.5
       uid  resource     held  maxheld  barrier  limit  failcnt
      101:  privvmpages  1000  9999999  {barrier}  9999999  0
"""


def run(text, contents=(), **options):
    options.setdefault("environment", FEW)
    text = f"ThreadsPerChild 5\n{text}"
    return list(stack_size_default.body(capacities(text, contents, **options)))


def daemon(options, limit=2048 * MB):
    return f"WSGIDaemonProcess shop virtual-memory-limit={limit} {options}"


def test_it_fires_for_many_threads_under_a_limit():
    (finding,) = run(daemon("threads=15"), group="shop")
    assert finding.severity is Severity.low
    assert finding.subject == "process-group:shop"
    assert finding.evidence["reserved"] == 17 * 8 * MB
    assert "`stack-size=524288`" in finding.remedy[0]


def test_it_fires_on_a_vps():
    beans = {"/proc/user_beancounters": BEANS.format(barrier=500_000)}
    (finding,) = run("ThreadsPerChild 25\nMaxRequestWorkers 25", beans)
    assert finding.evidence["limit_from"] == "/proc/user_beancounters"


@pytest.mark.parametrize(
    ("text", "contents"),
    [
        (daemon("threads=15 stack-size=8388608"), {}),
        (daemon("threads=15"), {"/etc/apache2/envvars": "ulimit -s unlimited\n"}),
        (daemon("threads=15"), {"/etc/apache2/envvars": "ulimit -s 1024\n"}),
        (daemon("threads=3"), {}),
        (daemon("threads=15", 4096 * MB), {}),
        ("WSGIDaemonProcess shop threads=50", {}),
        (daemon("threads=50", 256 * MB), {}),
        ("", {"/proc/user_beancounters": BEANS.format(barrier=9223372036854775807)}),
    ],
)
def test_it_is_silent_where_it_is_set_few_or_not_limited(text, contents):
    """The last but one does not fit at all: that is another check's finding."""
    assert run(text, contents) == []
