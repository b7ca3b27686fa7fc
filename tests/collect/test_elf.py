"""The ranges that are read are enough: same facts as from the whole file."""

import os
import struct
from pathlib import Path

import pytest

from hostprobe.collect import elf as module
from hostprobe.collect.elf import SMALL, read_elf, read_outside_code
from hostprobe.parse.elf import parse_elf
from hostprobe.parse.error import ParseError
from hostprobe.parse.extension import parse_extension_texts, parse_module_definitions
from tests.wheels import wheels_venv

LIBRARIES = Path("/usr/lib/x86_64-linux-gnu")


def read(path):
    descriptor = os.open(path, os.O_RDONLY)
    try:
        return read_elf(descriptor, os.fstat(descriptor).st_size)
    finally:
        os.close(descriptor)


def header(count=1, size=56, offset=64):
    ident = b"\x7fELF\x02\x01\x01".ljust(16, b"\0")
    data = struct.pack("<16sHHIQQQIHHH", ident, 3, 62, 1, 0, offset, 0, 0, 64, size, count)
    return data.ljust(64, b"\0")


def program_header(kind, offset, size):
    return struct.pack("<IIQQQQQQ", kind, 4, offset, offset, 0, size, size, 8)


def large(tmp_path, *parts):
    path = tmp_path / "lib.so"
    path.write_bytes(b"".join(parts).ljust(SMALL + 1, b"\0"))
    return path


@pytest.mark.real
def test_every_object_of_this_host_is_the_same_as_read_whole():
    paths = [path for path in sorted(LIBRARIES.glob("*.so*")) if path.is_file()][:300]
    assert len(paths) > 100
    for path in paths:
        try:
            whole = parse_elf(path.read_bytes())
        except ParseError:
            continue  # a linker script
        assert parse_elf(read(path)) == whole, path


def test_small_files_are_read_at_once(tmp_path):
    (tmp_path / "a").write_bytes(b"\x7fELF" + b"x" * 100)
    assert read(tmp_path / "a") == b"\x7fELF" + b"x" * 100


def test_a_large_file_that_is_no_elf_is_not_read(tmp_path):
    (tmp_path / "a").write_bytes(b"x" * (SMALL + 1))
    assert len(read(tmp_path / "a")) == module.HEAD


def test_an_elf_file_of_an_unknown_byte_order_is_read_whole(tmp_path):
    data = b"\x7fELF\x01\x03" + os.urandom(SMALL)
    (tmp_path / "a").write_bytes(data)
    assert bytes(read(tmp_path / "a")) == data


def test_what_no_table_covers_stays_zero(tmp_path):
    text = b"\xcc" * 60_000
    image = read(large(tmp_path, header(), program_header(1, 0, 4096).ljust(8000, b"\0"), text))
    assert image[8064 + 5000] == 0


def test_more_than_the_limit_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "MAX_READ", 1000)
    with pytest.raises(OSError, match="more than 1000 bytes"):
        read(large(tmp_path, header(), program_header(4, 0, 2000)))


def test_a_file_that_shrinks_meanwhile_is_refused(tmp_path, monkeypatch):
    path = large(tmp_path, header(), program_header(4, 0, 2000))
    filled = module.fill

    def shrink(*arguments):
        os.truncate(path, 100)
        filled(*arguments)

    monkeypatch.setattr(module, "fill", shrink)
    with pytest.raises(OSError, match="changed while it was read"):
        read(path)


def test_program_headers_behind_the_end_are_no_crash(tmp_path):
    with pytest.raises(ParseError):
        parse_elf(read(large(tmp_path, header(count=3, offset=1 << 40))))


@pytest.mark.real
@pytest.mark.parametrize("parse", [parse_extension_texts, parse_module_definitions])
def test_without_its_code_an_extension_says_the_same(parse):
    paths = sorted(wheels_venv().rglob("*.so"))
    assert len(paths) > 50
    for path in paths:
        with path.open("rb") as file:
            data = read_outside_code(file.fileno(), path.stat().st_size)
        assert parse(data) == parse(path.read_bytes()), path


def test_code_is_not_read(tmp_path):
    constants, code = program_header(1, 0, 4096), program_header(1, 8192, 60_000)
    executed = code[:4] + struct.pack("<I", 5) + code[8:]
    path = large(
        tmp_path, header(count=2), constants, executed.ljust(8100, b"\0"), b"\xcc" * 60_000
    )
    with path.open("rb") as file:
        image = read_outside_code(file.fileno(), path.stat().st_size)
    assert bytes(image[64 : 64 + len(constants)]) == constants
    assert set(image[8192:60_000]) == {0}
