"""Files of journald as they lie on disk."""

import os
from contextlib import closing

import pytest

from hostprobe.collect import journal as journals
from hostprobe.collect.denials import collect_denials, collect_denials_since
from hostprobe.collect.root import Root
from hostprobe.facts.files import Missing
from tests.collect.test_denials import count, fresh, write
from tests.parse.audit.samples import SELINUX
from tests.parse.journal.built import COMPACT, KEYED, MACHINE, ZSTD, journal
from tests.parse.journal.test_denials import LOG, NOISE, SOCKET, taken_in

FLAGS = ZSTD | KEYED | COMPACT
FILE = "/system.journal"
PORT, BOUND = taken_in(SELINUX["port"][0]), taken_in(SELINUX["bound port"][0])


@pytest.fixture
def root(tmp_path):
    with closing(Root(str(tmp_path))) as opened:
        yield opened


def test_its_denials_are_counted(root):
    write(root, journal([*NOISE, *SOCKET], FLAGS), FILE)
    log = collect_denials(root, FILE)
    assert count(log) == sum(b"denied" in line and b"sshd_t" not in line for line in LOG)
    assert log.problems == ()


def test_reading_goes_on_at_the_checkpoint_in_a_file_that_was_rotated(root):
    write(root, journal([PORT, *NOISE], FLAGS), FILE)
    first = collect_denials(root, FILE).checkpoint
    write(root, journal([PORT, *NOISE, BOUND], FLAGS), FILE)
    os.rename(f"{root.directory}{FILE}", f"{root.directory}/system@1.journal")  # noqa: PTH104
    write(root, journal([PORT], FLAGS), FILE)
    found = collect_denials_since(fresh(root), [FILE, "/system@1.journal"], first)
    assert [count(log) for log in found] == [1, 1]


@pytest.mark.parametrize(
    ("identity", "is_own"),
    [(MACHINE.hex() + "\n", True), ("f" * 32, False), ("uninitialized\n", True), ("", True)],
)
def test_the_journal_of_another_machine_is_not_found(root, identity, is_own):
    (root_etc := f"{root.directory}/etc") and os.mkdir(root_etc)  # noqa: PTH102
    write(root, identity.encode(), "/etc/machine-id")
    write(root, journal([PORT], FLAGS), FILE)
    found = collect_denials(root, FILE)
    assert found.not_found if isinstance(found, Missing) else count(found) == 1
    assert isinstance(found, Missing) != is_own


def test_what_is_only_named_so_costs_this_file(root):
    write(root, b"LPKSHHRH" + b"\xff" * 400, FILE)
    assert "newer format" in collect_denials(root, FILE).problems[0]


def test_the_time_for_one_file_is_bounded(root, monkeypatch):
    monkeypatch.setattr(journals, "SECONDS", -1.0)
    write(root, journal([PORT], FLAGS), FILE)
    assert "takes more than" in collect_denials(root, FILE).problems[0]


@pytest.mark.parametrize("place", [0, 16_383, 16_380, 16_384, 40_000, 90_000])
@pytest.mark.parametrize("size", [1, 8, 300, 16_384, 70_000])
def test_blocks_are_the_bytes_of_the_file(tmp_path, place, size):
    data = os.urandom(100_000)
    path = tmp_path / "file"
    path.write_bytes(data)
    with path.open("rb") as file:
        blocks = journals.Blocks(file.fileno(), len(data))
        assert blocks.read(place, size) == data[place : place + size]
        assert blocks.read(place, size) == data[place : place + size]
        assert blocks.read(1 << 63, size) == b""
