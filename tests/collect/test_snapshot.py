import contextlib
import json
import lzma

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostprobe.collect import snapshot as module
from hostprobe.collect.record import Record
from hostprobe.collect.snapshot import (
    ReplayFiles,
    Snapshot,
    SnapshotError,
    described,
    read_snapshot,
    write_snapshot,
)
from hostprobe.facts.files import Missing, Stat
from hostprobe.facts.host import HostIdentity
from hostprobe.facts.httpd import ConfigFile, ConfigLine
from hostprobe.facts.package import Owner
from hostprobe.facts.process import HttpdProcess, MappedFile, Processes
from hostprobe.facts.request import Request
from tests.model.memory_files import elf

HOST = HostIdentity("web1", "Linux 9", None, "x86_64", "/", is_live=True, privileged=False)
STAT = Stat("/real", 1, 2, 0o100644, 0, 0, 3, 4)
MAPPED = MappedFile("/lib/a\udcff.so", 5, 6, 0x7F0000000000, 0x7F0000001000, True, False)
HTTPD = HttpdProcess(7, 1, 7, 0, 1.5, "/httpd", ("httpd", "-X"), {"LANG": "C"}, (MAPPED,), ("/s",))
SECRET = ConfigFile((ConfigLine(1, 1, "SetEnv PASSWORD hunter2"),))


def snapshot():
    gone = Missing("/gone: no such file or directory", not_found=True)
    record = Record(
        stats={"/a": STAT, "/b": STAT, "/gone": gone},
        lists={"/": ("a", "d\udcff"), "/gone": gone},
        facts={
            ConfigFile: {"/c": SECRET, "/x": Missing("/x: line 3 is bad")},
            Owner: {"/a": Owner("dpkg", "a", "1")},
            Processes: {"/proc": Processes((HTTPD,), ("/proc/8: permission denied",))},
        },
        objects={"/a": elf(needed=("liba.so",)), "/gone": gone},
    )
    return Snapshot("0.1.0", "2026-01-01T00:00:00Z", HOST, Request(config="/c"), record)


def stored(**changes):
    """The JSON of a snapshot, changed and packed again."""
    data = json.loads(lzma.decompress(write_snapshot(snapshot())))
    return lzma.compress(json.dumps(data | changes).encode(), preset=0)


def test_a_snapshot_comes_back_without_its_secrets():
    found = read_snapshot(write_snapshot(snapshot()))
    expected = snapshot()
    line = ConfigLine(1, 1, "SetEnv [redacted]")
    expected.record.facts[ConfigFile]["/c"] = ConfigFile((line,))
    assert found == expected


def test_no_secret_is_in_the_file():
    assert b"hunter2" not in lzma.decompress(write_snapshot(snapshot()))


def test_a_replay_answers_what_was_asked():
    files = ReplayFiles(read_snapshot(write_snapshot(snapshot())).record)
    assert files.stat("/b") == STAT
    assert files.list("/") == ("a", "d\udcff")
    assert files.read("/a", Owner) == Owner("dpkg", "a", "1")
    assert files.elf("/a").needed == (b"liba.so",)
    assert files.stat("/gone") == Missing("/gone: no such file or directory", not_found=True)
    assert files.read("/x", ConfigFile) == Missing("/x: line 3 is bad")


def test_what_was_never_asked_is_missing_but_not_absent():
    files = ReplayFiles(snapshot().record)
    unknown = Missing("/new: not in the snapshot")
    assert files.stat("/new") == files.list("/new") == files.elf("/new") == unknown
    assert files.read("/new", ConfigFile) == unknown


def test_what_would_be_shared_can_be_read():
    text = "\n".join(described(snapshot()))
    assert "hunter2" not in text
    for shown in ("web1", "SetEnv [redacted]", "0 names", "/gone", "Owner /a"):
        assert shown in text


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "not a hostprobe snapshot"),
        (b"hello", "not a hostprobe snapshot"),
        (write_snapshot(snapshot())[:-20], "cut short"),
        (lzma.compress(b"[]"), "no header"),
        (lzma.compress(b"{"), "not a hostprobe snapshot"),
        (lzma.compress(b"[" * 200_000), "not a hostprobe snapshot"),
        (lzma.compress(b"{}"), "version 1"),
        (stored(snapshot=2), "version 1"),
        (stored(fields={}, hostprobe="9.9"), "taken by hostprobe 9.9"),
        (stored(stats=[]), "damaged"),
        (stored(host=["web1"]), "damaged: 1 values instead of 7"),
        (stored(facts={"NoSuchKind": {}}), "damaged"),
        (
            stored(lists={"values": [], "found": [["/", 0]], "missing": []}),
            "damaged: a value number",
        ),
    ],
)
def test_a_file_that_is_no_snapshot_is_one_clear_error(data, message):
    with pytest.raises(SnapshotError, match=message):
        read_snapshot(data)


def test_a_bomb_is_not_unpacked(monkeypatch):
    monkeypatch.setattr(module, "MAX_TEXT", 1 << 20)
    with pytest.raises(SnapshotError, match="more than 1048576 bytes when unpacked"):
        read_snapshot(lzma.compress(b" " * (8 << 20)))


@given(st.integers(0, 400), st.integers(0, 255))
def test_a_changed_byte_is_an_error_or_nothing(position, value):
    data = bytearray(write_snapshot(snapshot()))
    data[position % len(data)] = value
    with contextlib.suppress(SnapshotError):
        read_snapshot(bytes(data))
