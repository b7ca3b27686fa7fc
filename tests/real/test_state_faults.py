"""The state directory when scans are killed, the disk is full or read-only, and two scans meet."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from errno import ENOSPC
from pathlib import Path

import pytest

from hostprobe.agent.state import State
from tests.real.systemd import may_mount
from tests.soak import state as soak

pytestmark = pytest.mark.real
mounts = pytest.mark.skipif(not may_mount(), reason="a container takes root")
HOLD = 'mount -t tmpfs -o "$2" none "$1" && echo && exec sleep 600'


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return soak.make_root(tmp_path / "root")


class Disk:
    """A file system of its own, seen through the process that holds it."""

    def __init__(self, place: Path, options: str) -> None:
        place.mkdir()
        command = ["unshare", "--mount", "sh", "-c", HOLD, "sh", str(place), options]
        self.holder = subprocess.Popen(command, stdout=subprocess.PIPE)
        assert self.holder.stdout is not None
        assert self.holder.stdout.readline() == b"\n"
        self.place = place
        self.path = Path(f"/proc/{self.holder.pid}/root{place}")

    def remount(self, options: str) -> None:
        enter = ["nsenter", "-t", str(self.holder.pid), "-m"]
        subprocess.run([*enter, "mount", "-o", f"remount,{options}", self.place], check=True)

    def close(self) -> None:
        self.holder.kill()
        self.holder.communicate()


@pytest.fixture
def disk(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Disk]:
    held = Disk(tmp_path / "disk", request.param)
    yield held
    held.close()


def test_killed_scans_lose_and_damage_nothing(tmp_path: Path) -> None:
    tally = soak.kill_scans(tmp_path, 12, seed=7)
    assert tally.kills - tally.too_late > 6, tally


def fill(directory: Path) -> None:
    """Until there is no room, or no more files may be made."""
    for number in range(1000):
        try:
            (directory / f"filler{number}").write_bytes(b"x" * 65536)
        except OSError as error:
            assert error.errno == ENOSPC  # noqa: PT017  what else happens is a fault of the test
            return
    pytest.fail("the disk has no end")


@mounts
@pytest.mark.parametrize("disk", ["size=300k", "size=4m,nr_inodes=16"], indirect=True)
def test_on_a_full_disk_the_report_from_before_stays(root: Path, disk: Disk) -> None:
    state = State(str(disk.path / "state"))
    assert soak.finished(root, state.directory) == (0, "")
    before = Path(state.last_path).read_bytes()
    fill(disk.path)
    status, error = soak.finished(root, state.directory)
    assert (status, error) == (2, f"hostprobe scan: {state.directory}: no space left on device\n")
    assert Path(state.last_path).read_bytes() == before
    assert len(state.history()) == 1
    assert soak.left_behind(state) == []
    for filler in disk.path.glob("filler*"):
        filler.unlink()
    assert soak.finished(root, state.directory) == (0, "")
    assert len(state.history()) == 2


@mounts
@pytest.mark.parametrize("disk", ["size=4m"], indirect=True)
def test_a_read_only_directory_is_told_before_the_scan_and_still_read(
    root: Path, disk: Disk
) -> None:
    state = State(str(disk.path / "state"))
    assert soak.finished(root, state.directory) == (0, "")
    disk.remount("ro")
    with soak.scan(root, state.directory) as process:
        out, error = process.communicate(timeout=120)
    told = f"hostprobe scan: {state.directory}: read-only file system\n"
    assert (process.returncode, out, error) == (2, "", told)
    assert state.last()["host"]["name"] == "rescue"
    disk.remount("rw")
    assert soak.finished(root, state.directory) == (0, "")


def test_of_scans_at_once_each_is_kept_or_told_to_wait(root: Path, tmp_path: Path) -> None:
    state = State(str(tmp_path / "state"))
    running = [soak.scan(root, state.directory) for _ in range(3)]
    ended = [(each.communicate(timeout=120)[1], each.returncode) for each in running]
    busy = (f"hostprobe scan: {state.directory}: another hostprobe is writing here\n", 2)
    kept = ended.count(("", 0))
    assert kept + ended.count(busy) == 3, ended
    assert kept == len(state.history()) >= 1
    assert soak.left_behind(state) == []
