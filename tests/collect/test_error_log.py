"""Logs of any size and kind: the end is read, in pieces, and what was left out is said."""

import gzip
import os
import tracemalloc

import pytest

from hostprobe.collect import error_log
from hostprobe.collect.files import LiveFiles
from hostprobe.facts.error_log import ErrorLog
from hostprobe.facts.files import Missing

KNOWN = b"cx_Oracle.DatabaseError: ORA-06413: Connection not open.\n"
OTHER = b"[Fri Nov 27 05:22:01 2026] [x:error] an ordinary line of a log\n"


def read(directory):
    return LiveFiles(str(directory)).read("/log", ErrorLog)


def counts(found):
    return {one.signature: one.count for one in found.matches}


def test_of_a_large_log_the_end_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr(error_log, "MOST_BYTES", 1 << 16)
    (tmp_path / "log").write_bytes(KNOWN * 3 + OTHER * 2000 + KNOWN * 2)
    found = read(tmp_path)
    assert counts(found) == {"oracle-name": 2}
    assert found.skipped == (tmp_path / "log").stat().st_size - found.size


def test_a_log_of_ten_gigabytes_costs_no_more_than_its_end(tmp_path):
    with (tmp_path / "log").open("wb") as log:
        log.truncate(10 << 30)
        log.seek(0, os.SEEK_END)
        log.write(b"\n" + KNOWN)
    tracemalloc.start()
    found = read(tmp_path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert counts(found) == {"oracle-name": 1}
    assert found.skipped > 9 << 30
    assert peak < 8 << 20


def test_lines_of_ten_megabytes_are_passed_over(tmp_path):
    (tmp_path / "log").write_bytes((b"x" * (10 << 20) + b"\n" + KNOWN) * 2)
    found = read(tmp_path)
    assert counts(found) == {"oracle-name": 2}
    assert found.is_cut


def test_a_compressed_rotation_of_several_members_is_read(tmp_path):
    (tmp_path / "log").write_bytes(gzip.compress(OTHER + KNOWN) + gzip.compress(KNOWN * 2))
    assert counts(read(tmp_path)) == {"oracle-name": 3}


def test_a_bomb_ends_at_the_limit(tmp_path, monkeypatch):
    monkeypatch.setattr(error_log, "MOST_BYTES", 4 << 20)
    (tmp_path / "log").write_bytes(gzip.compress(bytes(1 << 28)))
    assert read(tmp_path).size == 4 << 20


@pytest.mark.parametrize("cut", [3, 12, 40])
def test_a_truncated_compressed_file_gives_what_it_has(tmp_path, cut):
    (tmp_path / "log").write_bytes(gzip.compress(os.urandom(100) + b"\n" + KNOWN)[:cut])
    assert isinstance(read(tmp_path), ErrorLog)


def test_damaged_compressed_data_is_one_sentence(tmp_path):
    (tmp_path / "log").write_bytes(gzip.compress(KNOWN)[:10] + b"\x07" * 50)
    found = read(tmp_path)
    assert isinstance(found, Missing)
    assert found.reason.startswith("/log: damaged gzip data")


def test_a_pipe_or_directory_is_no_log(tmp_path):
    os.mkfifo(tmp_path / "log")
    assert isinstance(read(tmp_path), Missing)
    (tmp_path / "log").unlink()
    (tmp_path / "log").mkdir()
    assert isinstance(read(tmp_path), Missing)


def test_a_log_that_is_cut_while_it_is_read_ends_there(tmp_path, monkeypatch):
    (tmp_path / "log").write_bytes(OTHER * 100_000)
    whole = os.pread

    def cutting(descriptor, size, offset):
        if offset:
            os.truncate(tmp_path / "log", 0)
        return whole(descriptor, size, offset)

    monkeypatch.setattr(os, "pread", cutting)
    assert read(tmp_path).size == error_log.PIECE


def test_escape_codes_and_binary_are_only_bytes(tmp_path):
    (tmp_path / "log").write_bytes(b"\x1b[31m\x00\xff" * 1000 + b"\n\x1b]0;x\x07" + KNOWN)
    assert counts(read(tmp_path)) == {"oracle-name": 1}
