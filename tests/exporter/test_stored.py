import asyncio
import gzip
import json
import os

import pytest

from hostprobe.exporter import stored as module
from hostprobe.exporter.stored import LastReport
from tests.exporter.sample import stored


@pytest.fixture
def path(tmp_path):
    return tmp_path / "report.json"


@pytest.fixture
def said():
    return []


@pytest.fixture
def last(path, said):
    return LastReport(str(path), said.append)


def now(last):
    return asyncio.run(last.current())


def sample(current, name):
    lines = current.plain_metrics.data.decode().splitlines()
    return next((float(line.rpartition(" ")[2]) for line in lines if line.startswith(name)), None)


def test_before_the_first_scan_the_metrics_say_so_and_it_is_no_error(last, path, said):
    current = now(last)
    assert current.problem == f"{path}: no such file or directory"
    assert current.report is None
    assert sample(current, "hostprobe_report_available") == 0
    assert sample(current, 'hostprobe_scan_errors_total{stage="report"}') == 0
    assert sample(current, "hostprobe_last_scan") is None
    assert said == [current.problem]


def test_a_report_is_served_as_it_stands_in_the_file(last, path):
    stored(path)
    current = now(last)
    assert current.problem == ""
    assert current.report.data == path.read_bytes() == gzip.decompress(current.report.packed)
    assert sample(current, "hostprobe_report_available") == 1
    assert sample(current, "hostprobe_scans_total") == 1
    assert sample(current, 'hostprobe_scan_errors_total{stage="check"}') == 2


def test_it_is_parsed_once_until_it_is_replaced(last, path, monkeypatch):
    parsed = []
    monkeypatch.setattr(
        module,
        "parse_report",
        lambda data, real=module.parse_report: parsed.append(1) or real(data),
    )
    stored(path)
    assert now(last) is now(last)
    assert len(parsed) == 1
    stored(path, complete=False)
    assert sample(now(last), "hostprobe_last_scan_complete") == 0
    assert sample(now(last), "hostprobe_scans_total") == 2
    assert len(parsed) == 2


def test_who_asks_at_the_same_time_shares_one_reading_and_may_go_away(last, path, monkeypatch):
    reads = []
    monkeypatch.setattr(
        module, "read_file", lambda *args, real=module.read_file: reads.append(1) or real(*args)
    )
    stored(path)

    async def crowd():
        tasks = [asyncio.create_task(last.current()) for _ in range(20)]
        await asyncio.sleep(0)
        tasks[0].cancel()
        return await asyncio.gather(*tasks, return_exceptions=True)

    gone, *others = asyncio.run(crowd())
    assert isinstance(gone, asyncio.CancelledError)
    assert {id(one) for one in others} == {id(now(last))}
    assert len(reads) == 1


def half(path):
    path.write_bytes(path.read_bytes()[:-40])


def newer(path):
    path.write_text(json.dumps(json.loads(path.read_text()) | {"schema": 2}))


def replaced(text):
    return lambda path: path.write_bytes(text)


def fifo(path):
    path.unlink()
    os.mkfifo(path)


def directory(path):
    path.unlink()
    path.mkdir()


def with_values(**values):
    return lambda path: stored(path, **values)


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (half, "not JSON"),
        (newer, "a report of schema 2; this hostprobe knows 1 only"),
        (replaced(b""), "not JSON"),
        (replaced(b"[" * 100_000), "not JSON"),
        (replaced(b"\xff\xfe"), "not JSON"),
        (replaced(b"[]"), "not a report of hostprobe"),
        (fifo, "not a regular file"),
        (directory, ""),
        (with_values(started="yesterday"), "Invalid isoformat string: 'yesterday'"),
        (with_values(checks=[{"id": "a"}]), "not a report of hostprobe"),
        (with_values(started="9999-12-31T23:59:59-23:59"), ""),
    ],
)
def test_of_a_file_that_is_wrong_nothing_is_served(last, path, said, spoil, reason):
    stored(path)
    assert now(last).problem == ""
    spoil(path)
    current = now(last)
    assert current.problem.startswith(f"{path}: ")
    assert reason in current.problem
    assert current.report is None
    assert sample(current, "hostprobe_report_available") == 0
    assert sample(current, 'hostprobe_scan_errors_total{stage="report"}') == 1
    assert sample(current, "hostprobe_findings") is None
    assert len(said) == 1
    if not path.is_dir():
        stored(path)
        assert now(last).problem == ""
