"""The state directory, as a scan, a monitoring plugin and an administrator meet it."""

import json
import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from hostprobe.agent.state import State, StateError, number_of
from hostprobe.agent.writer import writing
from hostprobe.report.json import document_of, render
from tests.report.sample import report

ROOT = os.geteuid() == 0


def document(number=1, started="2026-11-27T13:46:07Z"):
    """A report that is told from others by its duration."""
    return {**document_of(report()), "started": started, "duration_seconds": number}


@pytest.fixture
def state(tmp_path):
    return State(str(tmp_path / "state"), keep=3)


def last(state):
    return Path(state.last_path)


def mode(path):
    return oct(Path(path).stat().st_mode & 0o777)


def keep(state, *documents):
    with writing(state) as store:
        for each in documents:
            store(each)


def numbers(state):
    return [state.back(step)["duration_seconds"] for step in reversed(range(len(state.history())))]


def refusal(use):
    with pytest.raises(StateError) as caught:
        use()
    return str(caught.value)


def test_what_was_stored_is_the_last_report(state):
    keep(state, document(1), document(2))
    assert state.last() == document(2)
    assert state.back(0) == document(2)
    assert state.back(1) == document(1)


def test_the_file_is_what_a_scan_prints_as_json(state):
    keep(state, document())
    assert last(state).read_text() == render(document())


def test_a_group_may_read_and_others_learn_nothing(state):
    keep(state, document())
    modes = {
        path: mode(path)
        for path in (state.directory, state.history_directory, state.last_path, *state.history())
    }
    assert set(modes.values()) == {"0o750", "0o640"}


def test_a_narrow_umask_does_not_lock_the_group_out(state):
    before = os.umask(0o077)
    try:
        keep(state, document())
    finally:
        os.umask(before)
    assert (mode(state.history_directory), mode(state.last_path)) == ("0o750", "0o640")


@pytest.mark.skipif(not ROOT, reason="gives files away")
def test_root_writes_for_the_owner_of_the_directory(state):
    Path(state.directory).mkdir()
    os.chown(state.directory, 12, 34)
    keep(state, document())
    for path in (state.history_directory, state.last_path, *state.history()):
        status = Path(path).stat()
        assert (status.st_uid, status.st_gid) == (12, 34), path


def test_only_so_many_are_kept_and_the_oldest_go(state):
    for number in range(1, 6):
        keep(state, document(number))
    assert numbers(state) == [3, 4, 5]
    assert state.last() == document(5)


def test_a_smaller_number_to_keep_removes_more(state):
    keep(state, document(1), document(2), document(3))
    keep(State(state.directory, keep=1), document(4))
    assert numbers(state) == [4]


def test_a_clock_that_jumps_back_changes_no_order(state):
    days = ["2026-11-27T12:00:00Z", "2031-01-01T00:00:00Z", "1970-01-01T00:00:00Z"]
    for number, day in enumerate(days, 1):
        keep(state, document(number, day))
    assert numbers(state) == [1, 2, 3]
    keep(state, document(4, "1970-01-01T00:00:00Z"))
    assert numbers(state) == [2, 3, 4]
    assert state.last() == document(4, "1970-01-01T00:00:00Z")


def test_names_tell_number_and_time(state):
    keep(state, document(), document())
    names = [path.rpartition("/")[2] for path in state.history()]
    assert names == ["00000001-20261127T134607Z.json", "00000002-20261127T134607Z.json"]


def test_order_is_by_number_beyond_eight_digits(state):
    keep(state, document(1))
    Path(state.history()[0]).rename(f"{state.history_directory}/99999999-0.json")
    keep(state, document(2))
    keep(state, document(3))
    assert numbers(state) == [1, 2, 3]


@pytest.mark.parametrize("name", ["x.json", "1-2.json", "00000001.json", ".hostprobe-x", ".lock"])
def test_foreign_names_are_no_reports(name):
    assert number_of(name) == 0


def test_files_of_others_stay(state):
    keep(state, document())
    other = Path(state.history_directory, "README")
    other.write_text("ours")
    for _ in range(5):
        keep(state, document())
    assert other.exists()


def test_before_the_first_scan_there_is_nothing(state):
    assert state.history() == ()
    assert refusal(state.last) == f"{state.last_path}: no such file or directory"
    assert refusal(lambda: state.back(0)) == (
        f"{state.directory}: the history holds 0 reports, none 0 back"
    )


def test_a_step_too_far_says_how_many_there_are(state):
    keep(state, document())
    assert refusal(lambda: state.back(1)).endswith("the history holds 1 report, none 1 back")


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "not JSON"),
        (b'{"schema": 1', "not JSON"),
        (b"{}", "not a report of hostprobe"),
        (b'{"schema": 2}', "a report of schema 2; this hostprobe knows 1 only"),
    ],
)
def test_what_is_no_report_of_ours_is_one_clear_line(state, data, says):
    keep(state, document())
    last(state).unlink()
    last(state).write_bytes(data)
    assert refusal(state.last).startswith(f"{state.last_path}: {says}")


def test_a_fifo_or_device_does_not_hang_the_reader(state):
    Path(state.directory).mkdir()
    os.mkfifo(state.last_path)
    assert refusal(state.last) == f"{state.last_path}: not a regular file"


def newer(path):
    path.write_text(json.dumps({"schema": 2, "future": "x" * 1000}))
    return path


def test_a_last_report_of_a_newer_hostprobe_is_never_replaced(state):
    keep(state, document())
    last(state).unlink()
    newer(last(state))
    says = refusal(lambda: keep(state, document(2)))
    assert says.startswith(f"{state.last_path}: of a newer hostprobe")
    assert len(state.history()) == 1
    assert json.loads(last(state).read_bytes())["schema"] == 2


def test_kept_reports_of_a_newer_hostprobe_are_not_removed(state):
    keep(state, document(1))
    path = newer(Path(state.history_directory, "00000002-0.json"))
    for number in range(3, 9):
        keep(state, document(number))
    assert path.exists()


def test_a_damaged_last_report_is_replaced_by_the_next(state):
    keep(state, document(1))
    last(state).unlink()
    last(state).write_text('{"schema": 1, "hal')
    keep(state, document(2))
    assert state.last() == document(2)


def test_every_report_begins_with_its_schema():
    assert render(document()).split(",")[0] == '{\n  "schema": 1'


def test_two_writers_do_not_meet(state):
    with writing(state) as store:
        says = refusal(lambda: keep(state, document(2)))
        store(document(1))
    assert says == f"{state.directory}: another hostprobe is writing here"
    keep(state, document(3))
    assert numbers(state) == [1, 3]


def test_a_reader_needs_no_lock(state):
    keep(state, document(1))
    with writing(state):
        assert state.last() == document(1)


def test_a_writer_that_fails_gives_the_lock_back(state):
    with suppress(KeyError), writing(state):
        raise KeyError
    keep(state, document(1))
    assert numbers(state) == [1]


@pytest.mark.parametrize("left", [".hostprobe-abc", ".hostprobe-last"])
def test_a_temporary_that_a_killed_one_left_is_removed(state, left):
    keep(state, document(1))
    path = Path(state.history_directory, left)
    path.write_text('{"schema"')
    keep(state, document(2))
    assert not path.exists()
    assert numbers(state) == [1, 2]


@pytest.mark.parametrize("call", ["link", "replace", "fsync", "listdir"])
def test_a_failure_at_any_step_leaves_a_report_and_no_temporary(state, call, monkeypatch):
    keep(state, document(1))

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    with writing(state) as store:
        monkeypatch.setattr(os, call, full)
        says = refusal(lambda: store(document(2)))
    monkeypatch.undo()
    assert says == f"{state.directory}: no space left on device"
    assert state.last() == document(1)
    keep(state, document(3))
    assert list(Path(state.history_directory).glob(".hostprobe*")) == []
    assert state.last() == document(3)


@pytest.mark.parametrize(
    ("directory", "says"),
    [
        ("/no/such/parent", "no such file or directory"),
        ("/etc/passwd", "not a directory"),
        ("/proc/self", "no such file or directory|permission denied|operation not permitted"),
    ],
)
def test_a_place_that_takes_no_report_is_one_clear_line(directory, says):
    said = refusal(lambda: keep(State(directory), document()))
    assert said.partition(": ")[0] == directory
    assert said.partition(": ")[2] in says.split("|")


WRITER = """
import sys
from hostprobe.agent.state import State
from hostprobe.agent.writer import writing
with writing(State(sys.argv[1])):
    print("in", flush=True)
    sys.stdin.read()
"""


def test_a_killed_writer_does_not_keep_the_lock(state):
    command = [sys.executable, "-c", WRITER, state.directory]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as writer:
        assert writer.stdout.readline() == b"in\n"
        assert "another hostprobe" in refusal(lambda: keep(state, document()))
        writer.kill()
        writer.wait()
    keep(state, document(1))
    assert numbers(state) == [1]
