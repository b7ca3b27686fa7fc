"""Logs as they lie on disk: packed, cut, rotated, growing."""

import bz2
import gzip
import lzma
import os
from contextlib import closing

import pytest

from hostprobe.collect import denials, zstd
from hostprobe.collect.denials import collect_denials, collect_denials_since
from hostprobe.collect.root import Root
from hostprobe.facts.denial import DenialLog
from hostprobe.facts.files import Missing
from tests.parse.audit.samples import KERNEL
from tests.parse.journal.built import packed_zstd
from tests.parse.journal.test_denials import taken_in
from tests.parse.journal.test_export import exported

LINE = KERNEL["auditd"] + b"\n"
LOG = "/audit.log"


@pytest.fixture
def root(tmp_path):
    with closing(Root(str(tmp_path))) as opened:
        yield opened


def write(root, data, name=LOG, mode="wb"):
    with open(f"{root.directory}{name}", mode) as file:  # noqa: PTH123  bytes
        file.write(data)


def count(log):
    assert isinstance(log, DenialLog), log
    return sum(one.count for one in log.selinux)


def fresh(root):
    """A door that has seen nothing yet, as a later scan has."""
    return Root(root.directory)


@pytest.mark.parametrize("pack", [bytes, gzip.compress, bz2.compress, lzma.compress, packed_zstd])
def test_packed_logs_are_read(root, pack):
    write(root, pack(LINE * 3))
    log = collect_denials(root, LOG)
    assert count(log) == 3
    assert (log.checkpoint is None) == (pack is not bytes)


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress, packed_zstd])
def test_of_a_packed_log_that_breaks_off_the_reason_is_told(root, pack):
    data = pack(LINE * 3 + os.urandom(1 << 20))
    write(root, data[: len(data) // 2])
    log = collect_denials(root, LOG)
    assert "cannot be read to its end" in log.problems[0]


def test_members_of_gzip_follow_each_other(root):
    write(root, gzip.compress(LINE) + gzip.compress(LINE))
    assert count(collect_denials(root, LOG)) == 2


def test_frames_of_zstd_follow_each_other(root):
    write(root, packed_zstd(LINE * 9000) + packed_zstd(LINE))
    assert count(collect_denials(root, LOG)) == 9001


def test_without_libzstd_the_log_is_not_read_in_words(root, monkeypatch):
    monkeypatch.setattr(zstd, "LIBRARY", "libnone.so.1")
    write(root, packed_zstd(LINE))
    assert collect_denials(root, LOG).problems == (
        "cannot be read to its end: compressed by zstd: libnone.so.1 is not on this host",
    )


def test_damaged_zstd_is_refused_in_words(root):
    write(root, packed_zstd(os.urandom(5000))[:50] + b"\xff" * 5000)
    assert "compressed by zstd: " in collect_denials(root, LOG).problems[0]


@pytest.mark.parametrize("pack", [bytes, gzip.compress, packed_zstd])
def test_an_export_of_the_journal_is_known_by_its_beginning(root, pack):
    write(root, pack(exported([taken_in(KERNEL["auditd"])] * 2)))
    log = collect_denials(root, LOG)
    assert count(log) == 2
    assert log.checkpoint is None


def test_a_bomb_is_read_up_to_the_limit(root, monkeypatch):
    monkeypatch.setattr(denials, "MAX_LOG", 4 << 20)
    write(root, gzip.compress(LINE + b"\n" * (64 << 20)))
    log = collect_denials(root, LOG)
    assert count(log) == 1
    assert "only its first" in log.problems[0]


def test_a_fifo_and_a_missing_log_are_not_read(root):
    os.mkfifo(f"{root.directory}/fifo")
    assert collect_denials(root, "/fifo") == Missing("/fifo: not a regular file")
    assert collect_denials(root, "/none").not_found


def test_reading_goes_on_at_the_checkpoint(root):
    write(root, LINE * 5 + LINE[:40])
    first = collect_denials(root, LOG)
    assert first.checkpoint.offset == 5 * len(LINE)
    write(root, LINE[40:] + LINE, mode="ab")
    (second,) = collect_denials_since(fresh(root), [LOG], first.checkpoint)
    assert count(second) == 2
    assert second.checkpoint.offset == 7 * len(LINE)


def test_after_a_rotation_the_rest_of_the_old_file_and_the_new_one_are_read(root):
    write(root, LINE * 5)
    first = collect_denials(root, LOG)
    write(root, LINE * 2, mode="ab")
    os.rename(f"{root.directory}{LOG}", f"{root.directory}{LOG}.1")  # noqa: PTH104
    write(root, LINE * 3)
    found = collect_denials_since(fresh(root), [LOG, f"{LOG}.1", f"{LOG}.2"], first.checkpoint)
    assert [count(log) for log in found] == [3, 2]


@pytest.mark.parametrize("data", [LINE, b"other beginning " + LINE * 9])
def test_a_file_that_was_truncated_or_is_another_one_is_read_from_its_beginning(root, data):
    write(root, LINE * 5)
    first = collect_denials(root, LOG)
    write(root, data)
    (second,) = collect_denials_since(fresh(root), [LOG], first.checkpoint)
    assert count(second) == data.count(LINE)


def test_a_log_that_is_rotated_while_it_is_read_is_read_to_its_end(root, monkeypatch):
    write(root, LINE * 5)
    read, real = [], os.read

    def rotating(descriptor, size):
        if not read:
            os.rename(f"{root.directory}{LOG}", f"{root.directory}{LOG}.1")  # noqa: PTH104
            write(root, b"")
        read.append(size)
        return real(descriptor, size)

    monkeypatch.setattr(os, "read", rotating)
    assert count(collect_denials(root, LOG)) == 5
