"""Threads and address space of real children and daemons are what the model says.

Where they differ: mod_http2 and mod_watchdog start threads of their own in children.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from hostprobe.collect.files import LiveFiles
from hostprobe.facts.host import HostIdentity
from hostprobe.facts.limits import ArenaHeaps, ProcessStatus
from hostprobe.facts.request import Request
from hostprobe.inspection import Inspection
from hostprobe.model.memory.arenas import HEAP
from hostprobe.model.memory.capacity import Capacities, Capacity
from hostprobe.model.memory.crews import Crew
from hostprobe.model.memory.need import space_need
from tests.real.build import cached, httpd_headers, python_variable, run
from tests.real.hosts.libpython_static import source
from tests.real.httpd import Httpd, Module
from tests.real.limited import LimitedHttpd

pytestmark = pytest.mark.real
HOST = HostIdentity("here", "Linux", None, "x86_64", "/", is_live=True, privileged=True)
APP = """
import time

def application(environ, start_response):
    time.sleep(0.05)
    start_response("200 OK", [])
    return [bytes(1 << 20)[:1]]
"""
LINES = (
    "WSGISocketPrefix run/wsgi",
    "WSGIDaemonProcess one home=/ processes=2 threads=9",
    "WSGIDaemonProcess two home=/ threads=8 deadlock-timeout=0 stack-size=524288",
    "WSGIDaemonProcess three home=/ threads=8 deadlock-timeout=0 inactivity-timeout=60",
    "StartServers 2",
)
THREADED = ("ThreadsPerChild 12", "ThreadStackSize 1048576")
MB = 1 << 20


def mod_wsgi(release: str) -> Path:
    """Built for the system's Python, whose libpython it shares."""
    library = f"-lpython{python_variable('LDVERSION')}"
    options = (*httpd_headers(), f"-I{python_variable('INCLUDEPY')}", library, "-lm")

    def make(directory: Path) -> None:
        files = sorted(source(release).glob("*.c"))
        flags = ("-w", "-O1", "-shared", "-fPIC")
        run("gcc", *flags, "-o", directory / "mod_wsgi.so", *files, *options)

    return cached("mod_wsgi-shared", " ".join((release, *options)), make) / "mod_wsgi.so"


def host(mpm: str, *ulimits: str, module: Module = "wsgi") -> Httpd:
    lines = [*LINES, *(THREADED if mpm != "mpm_prefork" else ())]
    scripts = {"one": APP, "two": APP, "three": APP, "embedded": APP}
    groups = [
        f"<Location /{name}>\nWSGIProcessGroup {name}\n</Location>"
        for name in ("one", "two", "three")
    ]
    basic = (mpm, "authz_core", "alias")
    return LimitedHttpd(
        (module,), [*lines, *groups], scripts=scripts, basic=basic, single=False, ulimits=ulimits
    )


def capacity(httpd: Httpd) -> Capacity:
    """As a scan sees it now."""
    inspection = Inspection(LiveFiles(), HOST, Request(config=str(httpd.config)))
    found = inspection.capacities
    assert isinstance(found, Capacities)
    return found.all[0]


def work(httpd: Httpd) -> None:
    """Many threads allocate something."""
    paths = [f"/{name}" for name in ("one", "two", "three", "embedded")] * 12
    with ThreadPoolExecutor(16) as pool:
        assert {status for status, _ in pool.map(httpd.get, paths)} == {200}


def statuses(one: Capacity, crew: Crew) -> Iterator[tuple[int, ProcessStatus]]:
    for process in one.processes(crew):
        status = one.files.read(f"/proc/{process.facts.pid}/status", ProcessStatus)
        assert isinstance(status, ProcessStatus)
        yield process.facts.pid, status


@pytest.mark.parametrize(
    ("mpm", "ulimit"),
    [
        ("mpm_prefork", "ulimit -s 8192"),
        ("mpm_worker", "ulimit -s unlimited"),
        ("mpm_event", "ulimit -s 1024"),
    ],
)
def test_threads_and_address_space_are_those_of_the_model(mpm: str, ulimit: str) -> None:
    with host(mpm, ulimit) as httpd:
        work(httpd)
        time.sleep(0.5)
        one = capacity(httpd)
        for crew in one.crews:
            found = dict(statuses(one, crew))
            assert {status.threads for status in found.values()} == {crew.threads}, crew
            assert len(found) >= (crew.processes if crew.options else 2), crew
            for pid, status in found.items():
                assert is_the_sum(one, crew, pid, status.size), crew


def is_the_sum(one: Capacity, crew: Crew, pid: int, size: int) -> bool:
    """Stacks as computed, arenas as they are there, and little besides."""
    heaps = one.files.read(f"/proc/{pid}/maps", ArenaHeaps)
    assert isinstance(heaps, ArenaHeaps)
    threads = one.threads[crew.group]
    assert heaps.count <= threads.arenas.count
    stacks, arenas, _ = space_need(threads, one.rest_of(crew)).parts
    rest = size - stacks.size - arenas.size + (threads.arenas.count - heaps.count) * HEAP
    return 8 * MB < rest < 32 * MB


def test_daemons_of_mod_wsgi_6_have_a_thread_more() -> None:
    with host("mpm_event", module=("wsgi_module", mod_wsgi("6.1.1"))) as httpd:
        work(httpd)
        time.sleep(0.5)
        one = capacity(httpd)
        assert one.instance.mod_wsgi_version == "6.1.1"
        for crew in one.crews:
            found = {status.threads for _, status in statuses(one, crew)}
            assert found == {crew.threads}, crew
