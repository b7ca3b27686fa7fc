"""What a restart changes is predicted, then the restart is made and glibc asked."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.real import scan
from tests.real.hosts import library_replaced as host
from tests.real.hosts.library_replaced import Bindings, Upgraded
from tests.real.httpd import Httpd, RefusedError
from tests.real.wsgi import wsgi_host

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(os.geteuid() != 0, reason="/proc/PID/map_files takes root"),
]
CHECK = "library-replaced"
Moves = set[tuple[str, str, str, str]]


def found(httpd: Httpd) -> scan.Finding:
    (finding,) = scan.findings(httpd, CHECK)
    assert (finding["certainty"], finding["severity"]) == ("observed", "high")
    return finding


def predicted(finding: scan.Finding, kind: str) -> Moves:
    rows = finding["evidence"][f"{kind}_moves"]
    assert len(rows) == finding["evidence"][f"{kind}_moved"]
    return {(row["object"], row["symbol"], row["before"], row["after"]) for row in rows}


def moved(before: Bindings, after: Bindings) -> Moves:
    return {
        (object_, symbol, before[object_, symbol, version], provider)
        for (object_, symbol, version), provider in after.items()
        if before.get((object_, symbol, version), provider) != provider
    }


def wait_until(what: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def restart_gracefully(httpd: Httpd) -> None:
    said = httpd.error_log.count("resuming normal operations")
    os.kill(httpd.pid, signal.SIGUSR1)
    wait_until(lambda: httpd.error_log.count("resuming normal operations") > said)


def mapped(pid: int) -> set[str]:
    lines = Path(f"/proc/{pid}/maps").read_text().splitlines()
    return {line.split(None, 5)[5] for line in lines if "/" in line}


def deleted(pid: int) -> set[str]:
    mark = " (deleted)"
    return {path.removesuffix(mark) for path in mapped(pid) if path.endswith(mark)}


def with_another_name(httpd: Upgraded) -> None:
    """The soname becomes a link to the next patch level, and the old file goes."""
    httpd.replace(host.nut_library(host.NUT), "libnut.so.1.1")
    httpd.remove("libnut.so.1")
    (httpd.folder / "libnut.so.1").symlink_to("libnut.so.1.1")


def test_the_bindings_that_move_are_those_predicted() -> None:
    with host.moving() as httpd:
        assert scan.findings(httpd, CHECK) == []
        before = httpd.bindings()
        httpd.replace(host.nut_library(host.NUT))
        finding = found(httpd)
        restart_gracefully(httpd)
        graceful = moved(before, httpd.bindings())
        httpd.stop()
        httpd.start()
        full = moved(before, httpd.bindings())
        assert predicted(finding, "graceful") == graceful
        assert predicted(finding, "restart") == full
        (row,) = full
        assert row[1:] == (
            "bolt", f"{httpd.folder}/libnut.so.1", f"{httpd.folder}/libscrew.so.1"
        )  # fmt: skip
        assert scan.findings(httpd, CHECK) == []


def test_an_upgrade_to_another_file_name_is_seen_by_its_soname() -> None:
    with host.moving() as httpd:
        with_another_name(httpd)
        finding = found(httpd)
        (row,) = finding["evidence"]["replaced"]
        assert row["path"] == f"{httpd.folder}/libnut.so.1"
        (move,) = predicted(finding, "restart")
        assert (move[1], move[3]) == ("bolt", f"{httpd.folder}/libscrew.so.1")


def gear(httpd: Upgraded) -> None:
    httpd.replace(host.gear_library("old"))


def bolt(httpd: Upgraded) -> None:
    httpd.remove("libnut.so.1")


@pytest.mark.parametrize(
    ("make", "spoil", "says"),
    [
        (host.losing_a_version, gear, "version `GEAR_2' not found"),
        (host.moving, bolt, "libnut.so.1: cannot open shared object file"),
    ],
    ids=["version", "removed"],
)
def test_a_restart_that_fails_is_predicted(
    make: Callable[[], Upgraded], spoil: Callable[[Upgraded], None], says: str
) -> None:
    with make() as httpd:
        spoil(httpd)
        evidence = found(httpd)["evidence"]
        (graceful,), (full,) = evidence["graceful_failures"], evidence["restart_failures"]
        assert says in graceful
        os.kill(httpd.pid, signal.SIGUSR1)
        assert httpd.process is not None
        assert httpd.process.wait(20) != 0
        assert graceful in httpd.error_log
        with pytest.raises(RefusedError) as refused:
            httpd.start()
        assert full in str(refused.value)


@pytest.mark.parametrize("name", host.STOCK)
def test_the_same_build_again_changes_nothing_and_what_stays_old_is_known(name: str) -> None:
    with host.with_copies(name) as httpd:
        before = httpd.bindings()
        host.reinstall(httpd, name)
        (finding,) = scan.findings(httpd, CHECK)
        assert (finding["severity"], finding["certainty"]) == ("low", "observed")
        assert finding["detail"].count("everything loads, nothing will bind differently") == 2
        restart_gracefully(httpd)
        kept = {path for path in deleted(httpd.pid) if path.startswith(str(httpd.folder))}
        assert set(finding["evidence"]["graceful_keeps"]) == kept
        assert len(scan.findings(httpd, CHECK)) == (1 if kept else 0)
        httpd.stop()
        httpd.start()
        assert moved(before, httpd.bindings()) == set()
        assert scan.findings(httpd, CHECK) == []


def test_the_libraries_of_httpd_itself_outlive_a_graceful_restart() -> None:
    with host.with_copies("pcre") as httpd:
        host.reinstall(httpd, "pcre")
        (finding,) = scan.findings(httpd, CHECK)
        assert finding["evidence"]["graceful_keeps"] == [f"{httpd.folder}/libpcre2-8.so.0"]


def test_where_the_old_file_cannot_be_read_the_outcome_is_not_known() -> None:
    """The two capabilities of a scanner that is not root do not open /proc/PID/map_files."""
    rights = "+dac_read_search,+sys_ptrace"
    user = ["--reuid", "65534", "--regid", "65534", "--clear-groups"]
    command = ["setpriv", *user, "--inh-caps", rights, "--ambient-caps", rights, "hostprobe"]
    command[-1:] = [sys.executable, "-m", "hostprobe", "scan", "--select", CHECK]
    with host.moving() as httpd:
        httpd.replace(host.nut_library(host.NUT))
        command += ["--pid", str(httpd.pid), "--format", "json"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    (finding,) = json.loads(done.stdout)["findings"]
    assert "What a restart changes is not known" in finding["detail"]
    assert finding["severity"] == "high"
    assert "restart_moves" not in finding["evidence"]
    assert "map_files" in finding["evidence"]["not_known"][0]


ODD = """
import ctypes, mmap, os, tempfile

CALLBACK = ctypes.CFUNCTYPE(ctypes.c_int)(lambda: 1)

def anonymous_file():
    yield os.memfd_create("scratch")
    with tempfile.TemporaryFile(dir=os.path.dirname(__file__) + "/../run") as file:
        yield os.dup(file.fileno())

KEPT = []
for number in anonymous_file():
    os.ftruncate(number, 4096)
    KEPT.append(mmap.mmap(number, 4096, prot=mmap.PROT_READ | mmap.PROT_EXEC))

def answer():
    return CALLBACK()
"""


def test_deleted_memory_that_is_no_library_is_silent() -> None:
    lines = ["ScoreBoardFile run/scoreboard"]
    with wsgi_host(ODD, lines=lines, daemon=True) as httpd:
        os.chmod(httpd.root / "run", 0o777)  # noqa: PTH101
        assert httpd.get("/shop") == (200, "1")
        report = scan.scan(httpd)
        assert scan.outcome(report, CHECK) == "clean"
        (instance,) = report["instances"]
        daemon = next(one for one in instance["running"]["processes"] if one["role"] == "daemon")
        gone = deleted(daemon["pid"])
        assert any("memfd:scratch" in path for path in gone)
        assert any("/run/" in path for path in gone)
        assert daemon["replaced"] == 0
