import os
import socket
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostprobe.agent import journal as module
from hostprobe.agent.journal import Journal, Kind, Priority, entry, is_journal


def parsed(data):
    """Fields of an entry, read as the protocol says."""
    found, position = {}, 0
    while position < len(data):
        end = data.index(b"\n", position)
        name, equals, value = data[position:end].partition(b"=")
        position = end + 1
        if not equals:
            length = int.from_bytes(data[position : position + 8], "little")
            value = data[position + 8 : position + 8 + length]
            position += 8 + length + 1
            assert data[position - 1 : position] == b"\n"
        found[name.decode()] = value.decode()
    return found


@given(st.dictionaries(st.from_regex(r"[A-Z]{1,9}", fullmatch=True), st.text()))
def test_what_is_written_is_what_the_journal_reads(fields):
    printable = {name: value.encode(errors="replace").decode() for name, value in fields.items()}
    assert parsed(entry(fields)) == printable


@pytest.fixture
def listener(tmp_path, monkeypatch):
    """A socket in the place of journald's."""
    monkeypatch.setattr(module, "SOCKET", str(tmp_path / "socket"))
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as found:
        found.bind(str(tmp_path / "socket"))
        found.settimeout(5)
        yield found


@contextmanager
def redirected(path):
    """stderr as systemd connects it, and its name in the environment."""
    saved = os.dup(2)
    with path.open("wb") as file:
        os.dup2(file.fileno(), 2)
    status = os.fstat(2)
    try:
        yield {"JOURNAL_STREAM": f"{status.st_dev}:{status.st_ino}"}
    finally:
        os.dup2(saved, 2)
        os.close(saved)


def tell(journal, **fields):
    journal.tell(Kind.SCAN_FAILED, Priority.ERROR, "scan\x1b failed", fields)
    journal.close()


def test_an_entry_has_its_kind_and_its_fields(listener, tmp_path):
    with redirected(tmp_path / "stderr") as stream:
        tell(Journal(stream), HOSTPROBE_OUTPUT="one\ntwo", HOSTPROBE_EMPTY="")
    assert parsed(listener.recv(9999)) == {
        "MESSAGE": r"scan\x1b failed",
        "MESSAGE_ID": Kind.SCAN_FAILED.value,
        "PRIORITY": "3",
        "SYSLOG_IDENTIFIER": "hostprobe",
        "HOSTPROBE_OUTPUT": "one\ntwo",
    }


def test_an_entry_that_no_datagram_holds_is_handed_over_as_a_sealed_file(listener, tmp_path):
    large = "x" * (1 << 23)
    with redirected(tmp_path / "stderr") as stream:
        tell(Journal(stream), HOSTPROBE_OUTPUT=large)
    data, descriptors, _, _ = socket.recv_fds(listener, 10, 1)
    assert data == b""
    with os.fdopen(descriptors[0], "rb") as file:
        assert parsed(os.pread(file.fileno(), 1 << 24, 0))["HOSTPROBE_OUTPUT"] == large
        with pytest.raises(PermissionError):
            os.truncate(file.fileno(), 0)


def test_without_a_journal_there_are_lines(tmp_path):
    with redirected(tmp_path / "stderr"):
        tell(Journal({}), HOSTPROBE_OUTPUT="one")
    assert (tmp_path / "stderr").read_text() == "hostprobe: scan\\x1b failed\n"


def test_a_journal_that_takes_nothing_leaves_the_line_and_does_not_hang(
    tmp_path, listener, monkeypatch
):
    monkeypatch.setattr(module, "SECONDS", 0.01)
    with redirected(tmp_path / "stderr") as stream:
        journal = Journal(stream)
        while not (tmp_path / "stderr").stat().st_size:  # until the socket's queue is full
            journal.tell(Kind.SETTINGS_READ, Priority.INFO, "settings read")
        journal.close()
    assert (tmp_path / "stderr").read_text() == "hostprobe: settings read\n"


def test_who_redirects_stderr_wants_the_lines_there(tmp_path):
    with redirected(tmp_path / "stderr") as stream:
        answers = [is_journal(name) for name in (stream["JOURNAL_STREAM"], "0:0", "")]
    assert answers == [True, False, False]


def test_kinds_are_told_apart():
    assert len({kind.value for kind in Kind}) == len(Kind)
    assert all(len(bytes.fromhex(kind.value)) == 16 for kind in Kind)


def test_the_catalogue_explains_every_kind():
    text = (Path(__file__).parents[2] / "systemd/hostprobe.catalog").read_text()
    explained = [line[3:] for line in text.splitlines() if line.startswith("-- ")]
    assert explained == [kind.value for kind in Kind]
