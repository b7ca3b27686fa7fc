import os
import socket

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


@pytest.fixture
def stream(tmp_path, monkeypatch):
    """stderr as systemd connects it, and its name in the environment."""
    saved = os.dup(2)
    with (tmp_path / "stderr").open("wb") as file:
        os.dup2(file.fileno(), 2)
    status = os.fstat(2)
    yield {"JOURNAL_STREAM": f"{status.st_dev}:{status.st_ino}"}
    os.dup2(saved, 2)
    os.close(saved)


def tell(journal, **fields):
    journal.tell(Kind.SCAN_FAILED, Priority.ERROR, "scan\x1b failed", fields)
    journal.close()


def test_an_entry_has_its_kind_and_its_fields(listener, stream):
    tell(Journal(stream), HOSTPROBE_OUTPUT="one\ntwo", HOSTPROBE_EMPTY="")
    assert parsed(listener.recv(9999)) == {
        "MESSAGE": r"scan\x1b failed",
        "MESSAGE_ID": Kind.SCAN_FAILED.value,
        "PRIORITY": "3",
        "SYSLOG_IDENTIFIER": "hostprobe",
        "HOSTPROBE_OUTPUT": "one\ntwo",
    }


def test_an_entry_that_no_datagram_holds_is_handed_over_as_a_sealed_file(listener, stream):
    large = "x" * (1 << 23)
    tell(Journal(stream), HOSTPROBE_OUTPUT=large)
    data, descriptors, _, _ = socket.recv_fds(listener, 10, 1)
    assert data == b""
    with open(descriptors[0], "rb") as file:
        assert parsed(os.pread(file.fileno(), 1 << 24, 0))["HOSTPROBE_OUTPUT"] == large
        with pytest.raises(PermissionError):
            os.truncate(file.fileno(), 0)


def test_without_a_journal_there_are_lines(tmp_path, stream):
    tell(Journal({}), HOSTPROBE_OUTPUT="one")
    assert (tmp_path / "stderr").read_text() == "hostprobe: scan\\x1b failed\n"


def test_a_journal_that_takes_nothing_leaves_the_line_and_does_not_hang(
    tmp_path, listener, stream, monkeypatch
):
    monkeypatch.setattr(module, "SECONDS", 0.01)
    journal = Journal(stream)
    for _ in range(2000):
        if (tmp_path / "stderr").stat().st_size:
            break
        journal.tell(Kind.SETTINGS_READ, Priority.INFO, "settings read")
    journal.close()
    assert (tmp_path / "stderr").read_text() == "hostprobe: settings read\n"


def test_who_redirects_stderr_wants_the_lines_there(stream):
    assert is_journal(stream["JOURNAL_STREAM"])
    assert not is_journal("0:0")
    assert not is_journal("")


def test_kinds_are_told_apart():
    assert len({kind.value for kind in Kind}) == len(Kind)
    assert all(len(bytes.fromhex(kind.value)) == 16 for kind in Kind)
