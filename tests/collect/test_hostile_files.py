"""Whatever stands where a file of some kind is expected: a reason, little time, little memory."""

import os
import struct
import time

import pytest

from hostprobe.collect.files import LiveFiles
from hostprobe.collect.kinds import CAPS, DEFAULT_CAP, PARSERS
from hostprobe.facts.error_log import ErrorLog, LogClock
from hostprobe.facts.files import Missing
from hostprobe.report.escape import escape
from tests.fuzz.parsers import bounded_memory
from tests.parse.elf_image import ElfImage, Sym
from tests.parse.test_elf_refused import BILLION, GNU_HASH, HASH, RELASZ, VERNEED, with_table

VERDEF = 0x6FFFFFFC
KINDS = sorted(PARSERS, key=lambda kind: kind.__name__)
NAME = "evil\x1b]0;x\x07\x1b[2J\n\udcff\u202e"
SHOWN = r"evil\x1b]0;x\x07\x1b[2J\n\xff\u202e"


def sparse(path):
    with path.open("wb") as file:
        file.truncate(10 << 30)


def device(path):
    path.symlink_to("/dev/zero")


def loop(path):
    path.symlink_to(path.name)


def folder(path):
    path.mkdir()


def closed_loop(path):
    """Two links that lead to each other through a directory."""
    other = path.with_name("other")
    other.mkdir()
    (other / "back").symlink_to(path)
    path.symlink_to(other / "back")


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize(
    ("make", "says"),
    [
        (sparse, "larger than {cap} bytes"),
        (device, "not a regular file"),
        (os.mkfifo, "not a regular file"),
        (folder, "not a regular file"),
        (loop, "too many levels of symbolic links"),
        (closed_loop, "too many levels of symbolic links"),
    ],
)
def test_what_is_no_sound_file_is_one_clear_reason(tmp_path, kind, make, says):
    if make is sparse and kind in {ErrorLog, LogClock}:
        pytest.skip("of a log of any size the end is read: tests/collect/test_error_log.py")
    path = tmp_path / NAME
    make(path)
    files = LiveFiles("/")
    begun = time.process_time()
    with bounded_memory(50 << 20):
        found = files.read(str(path), kind)
    files.close()
    assert time.process_time() - begun < 0.5
    reason = says.format(cap=CAPS.get(kind, DEFAULT_CAP))
    assert found == Missing(f"{path}: {reason}")
    assert escape(found.reason) == f"{tmp_path}/{SHOWN}: {reason}"


TEXTS = [kind for kind in KINDS if CAPS.get(kind, DEFAULT_CAP) <= DEFAULT_CAP]


@pytest.mark.parametrize("kind", TEXTS, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize(
    "piece", [b"\0", b"\n", b"x", b"\\\n", b"[", b"a=b\n", b"(", b"${", b"'", b"import a;"]
)
def test_the_largest_file_of_one_piece_is_read_or_refused(tmp_path, kind, piece):
    """A megabyte of the same; a tree of Python code is what costs most."""
    size = min(CAPS.get(kind, DEFAULT_CAP), 1 << 20)
    (tmp_path / "a").write_bytes((piece * (size // len(piece) + 1))[:size])
    begun = time.process_time()
    with bounded_memory(512 << 20):
        found = LiveFiles(str(tmp_path)).read("/a", kind)
    assert time.process_time() - begun < 10
    assert not isinstance(found, Missing) or "internal error" not in found.reason


ENDLESS = struct.pack("<HHIII", 1, 1, 0, 0, 16) * 40_000
BILLIONS = [
    with_table(HASH, struct.pack("<2I", BILLION, BILLION), symbols=[Sym("f")], hash="none"),
    with_table(GNU_HASH, struct.pack("<4I", *[BILLION] * 4), symbols=[Sym("f")], hash="none"),
    ElfImage(symbols=[Sym("f")], rela=[(1, 6)], tags=[(RELASZ, 24 * BILLION)]).build(),
    ElfImage(symbols=[Sym("f")], rela=[(BILLION, 6)]).build(),
    with_table(VERNEED, ENDLESS),
    with_table(VERDEF, ENDLESS),
]


@pytest.mark.parametrize("data", BILLIONS, ids=range(len(BILLIONS)))
def test_an_object_that_claims_a_billion_of_something_costs_nothing(tmp_path, data):
    (tmp_path / "x.so").write_bytes(data)
    begun = time.process_time()
    with bounded_memory(50 << 20):
        found = LiveFiles(str(tmp_path)).elf("/x.so")
    assert isinstance(found, Missing)
    assert "internal error" not in found.reason
    assert time.process_time() - begun < 0.5
