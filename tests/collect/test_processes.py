"""/proc of this machine, read with small processes that are called like an httpd."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from hostprobe.collect import processes
from hostprobe.collect.files import LiveFiles
from hostprobe.collect.processes import HIDDEN, GoneError, collect_processes
from hostprobe.facts.elf import Elf
from hostprobe.facts.files import Missing, Stat
from hostprobe.facts.process import Processes

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="takes root")


@pytest.fixture
def program(tmp_path):
    return shutil.copy("/bin/sleep", tmp_path / "httpd.worker")


@pytest.fixture
def httpd(program):
    yield from started([program, "60"], env={"APACHE_X": "y", "LANG": "C"})


def started(command, **options):
    process = subprocess.Popen(command, **options)
    deadline = time.monotonic() + 10
    try:
        while not is_up(process, command[-2]):
            assert time.monotonic() < deadline
            time.sleep(0.01)
        yield process
    finally:
        process.kill()
        process.wait()


def is_up(process, program):
    """`program` itself runs, not what starts it, and has its libraries."""
    maps = Path(f"/proc/{process.pid}/maps").read_text()
    return str(program) in maps and "libc.so" in maps


def facts(process, place="/proc"):
    found = {one.pid: one for one in collect_processes(place).all}
    return found.get(process.pid)


def test_an_httpd_is_known_by_its_program(httpd, program):
    one = facts(httpd)
    assert (one.program, one.command, one.uid) == (str(program), (str(program), "60"), os.geteuid())
    assert (one.parent, one.session) == (os.getpid(), os.getsid(0))
    assert one.directory == str(Path.cwd())
    assert one.environment == {"APACHE_X": "y", "LANG": "C"}
    assert one.started == pytest.approx(time.time(), abs=20)
    assert (one.root, one.is_contained, one.unread) == ("", False, None)


def test_its_mapped_files_are_those_psutil_tells(httpd):
    paths = {one.path for one in psutil.Process(httpd.pid).memory_maps() if one.path[0] == "/"}
    assert {one.path for one in facts(httpd).files} == paths


def test_a_mapped_file_has_the_inode_of_its_path(httpd):
    for file in facts(httpd).files:
        stat = os.stat(file.path)  # noqa: PTH116
        assert (file.inode, file.device, file.is_deleted) == (stat.st_ino, stat.st_dev, False)


def test_other_programs_are_none(tmp_path):
    other = shutil.copy("/bin/sleep", tmp_path / "lighttpd")
    for process in started([other, "60"]):
        assert facts(process) is None
        assert facts(process, f"/proc/{process.pid}").program == str(other)


def test_a_removed_program_is_named_without_the_mark(httpd, program):
    os.unlink(program)  # noqa: PTH108
    one = facts(httpd)
    assert one.program == str(program)
    assert [file.is_deleted for file in one.files if file.path == str(program)] == [True]


@as_root
def test_a_removed_program_can_still_be_read(httpd, program):
    os.unlink(program)  # noqa: PTH108
    file = next(file for file in facts(httpd).files if file.is_deleted)
    files = LiveFiles()
    link = f"/proc/{httpd.pid}/map_files/{file.start:x}-{file.end:x}"
    assert isinstance(files.elf(link), Elf)
    assert isinstance(files.elf(f"/proc/{httpd.pid}/exe"), Elf)
    assert isinstance(files.elf(f"/proc/{httpd.pid}/map_files/1-2"), Missing)


def test_a_child_has_its_parents_environment(program):
    script = f"{program} 60 & wait"
    shell = shutil.copy("/bin/sh", program.parent / "httpd")
    with subprocess.Popen([shell, "-c", script], start_new_session=True) as parent:
        try:
            deadline = time.monotonic() + 10
            while not (children := [
                one for one in collect_processes("/proc").all if one.parent == parent.pid
            ]):  # fmt: skip
                assert time.monotonic() < deadline
            (child,) = children
            assert (child.environment, child.session) == (None, parent.pid)
        finally:
            os.killpg(parent.pid, 9)


def test_a_process_that_dies_meanwhile_is_left_out(httpd, monkeypatch):
    def gone(_pid):
        raise GoneError

    for name in ("identity", "environment"):
        with monkeypatch.context() as patch:
            patch.setattr(processes, name, gone)
            assert facts(httpd) is None


def test_a_process_whose_memory_is_gone_is_left_out(httpd, monkeypatch):
    real = processes.read_bytes
    monkeypatch.setattr(
        processes, "read_bytes", lambda path, cap: b"" if "maps" in path else real(path, cap)
    )
    assert facts(httpd) is None


def test_what_may_not_be_read_is_a_reason_and_the_rest_is_read(httpd, monkeypatch):
    def denied(path, _cap):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(processes, "read_bytes", denied)
    one = facts(httpd)
    assert (one.files, one.unread) == ((), f"/proc/{httpd.pid}/maps: permission denied")
    assert one.command[1] == "60"


def test_an_httpd_of_another_user_is_a_problem_and_known_by_its_short_name(httpd, monkeypatch):
    def denied(_pid):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(processes, "program_of", denied)
    found = collect_processes("/proc")
    assert found.all == ()
    (problem,) = [one for one in found.problems if f"/proc/{httpd.pid}" in one]
    assert problem.endswith("permission denied")


def test_hidden_processes_are_said_to_be(monkeypatch):
    monkeypatch.setattr(processes, "list_pids", lambda: (os.getpid(),))
    assert collect_processes("/proc") == Processes((), (HIDDEN,))


def test_too_many_mappings_are_said_to_be(httpd, monkeypatch):
    everything = facts(httpd).files
    monkeypatch.setattr(processes, "MAX_MAPS", 1000)
    one = facts(httpd)
    assert one.unread == f"/proc/{httpd.pid}/maps: too many mappings, the rest is not read"
    assert [file.path for file in one.files] == [file.path for file in everything[: len(one.files)]]


@pytest.mark.parametrize(
    ("place", "why"),
    [("/proc/999999999", "no such file"), ("/proc/self", "names no process")],
)
def test_no_process_is_missing(place, why):
    found = collect_processes(place)
    assert isinstance(found, Missing)
    assert why in found.reason


def test_a_zombie_is_missing(program):
    with subprocess.Popen([program, "0"]) as process:
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        found = collect_processes(f"/proc/{process.pid}")
        assert facts(process) is None
    assert "a zombie" in found.reason


@as_root
def test_a_process_with_other_mounts_is_read_through_its_root(program):
    for process in started(["unshare", "--mount", program, "60"]):
        one = facts(process)
        assert (one.root, one.is_contained) == (f"/proc/{process.pid}/root", False)
        assert isinstance(LiveFiles().stat(f"{one.root}/etc/passwd"), Stat)
        assert LiveFiles().stat(f"{one.root}/nowhere").not_found


@as_root
def test_a_process_with_another_root_is_contained(tmp_path):
    code = (
        f"import os, sys, time; os.chroot({str(tmp_path)!r}); print(1, flush=True); time.sleep(60)"
    )
    command = [sys.executable, "-c", code]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout.readline()
        one = facts(process, f"/proc/{process.pid}")
        process.kill()
    assert one.is_contained


def test_only_the_running_system_has_processes(tmp_path):
    found = LiveFiles(str(tmp_path)).read("/proc", Processes)
    assert found == Missing("this root is not the running system", not_found=True)
