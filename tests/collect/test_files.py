import errno
import os

import pytest

from hostprobe.collect import files as module
from hostprobe.collect.files import LiveFiles
from hostprobe.collect.kinds import CAPS, DEFAULT_CAP, PARSERS
from hostprobe.facts.access import AccessControlList, SymbolicLink
from hostprobe.facts.elf import Elf
from hostprobe.facts.files import Missing
from hostprobe.facts.httpd import ConfigFile
from hostprobe.facts.package import PackageVersions
from hostprobe.parse.acl import parse_acl
from hostprobe.parse.error import ParseError
from tests.parse.test_acl import GOOD as ACL


class Words(tuple):
    """A fact of a test."""

    __slots__ = ()


@pytest.fixture
def parsed(monkeypatch):
    """Paths' contents that reached the parser of Words."""
    seen = []

    def parse(data):
        seen.append(data)
        if data == b"bad":
            raise ParseError("line 1 is bad")
        if data == b"crash":
            raise RuntimeError("a bug")
        return Words(data.split())

    monkeypatch.setitem(PARSERS, Words, parse)
    return seen


def live(tmp_path, **contents):
    for name, data in contents.items():
        (tmp_path / name).write_bytes(data)
    return LiveFiles(str(tmp_path))


def test_a_file_is_parsed_once(tmp_path, parsed):
    files = live(tmp_path, a=b"one two")
    assert files.read("/a", Words) == Words([b"one", b"two"])
    (tmp_path / "a").write_bytes(b"changed")
    assert files.read("/a", Words) == Words([b"one", b"two"])
    assert parsed == [b"one two"]


def test_negative_answers_are_kept_too(tmp_path):
    files = live(tmp_path)
    assert isinstance(files.stat("/a"), Missing)
    (tmp_path / "a").touch()
    assert isinstance(files.stat("/a"), Missing)


def test_a_parse_error_is_missing_with_the_path(tmp_path, parsed):
    assert live(tmp_path, a=b"bad").read("/a", Words) == Missing("/a: line 1 is bad")


def test_a_crash_of_a_parser_costs_one_file(tmp_path, parsed):
    files = live(tmp_path, a=b"crash", b=b"fine")
    assert files.read("/a", Words) == Missing(
        "/a: internal error while parsing: RuntimeError: a bug"
    )
    assert files.read("/b", Words) == Words([b"fine"])


def test_a_kind_without_parser_is_missing(tmp_path):
    assert live(tmp_path, a=b"").read("/a", int) == Missing("/a: hostprobe has no parser for int")


@pytest.mark.parametrize(("size", "is_read"), [(100, True), (101, False)])
def test_a_cap_stands_on_the_size(tmp_path, parsed, monkeypatch, size, is_read):
    monkeypatch.setitem(CAPS, Words, 100)
    found = live(tmp_path, a=b"x" * size).read("/a", Words)
    assert found == (Words([b"x" * size]) if is_read else Missing("/a: larger than 100 bytes"))


@pytest.mark.parametrize("kind", [Words, ConfigFile, PackageVersions, Elf])
def test_a_fifo_neither_blocks_nor_is_opened(tmp_path, parsed, kind):
    os.mkfifo(tmp_path / "pipe")
    assert live(tmp_path).read("/pipe", kind) == Missing("/pipe: not a regular file")


def test_devices_are_refused():
    assert LiveFiles("/").read("/dev/zero", ConfigFile) == Missing("/dev/zero: not a regular file")


def test_files_without_a_size_are_read_to_their_end():
    data = LiveFiles("/").bytes("/proc/self/status")
    assert b"Threads:" in data


def test_hard_links_are_one_object(tmp_path, monkeypatch):
    monkeypatch.setitem(PARSERS, Elf, lambda data: Words([bytes(data)]))
    files = live(tmp_path, a=b"\x7fELF")
    (tmp_path / "b").hardlink_to(tmp_path / "a")
    (tmp_path / "c").symlink_to("a")
    assert files.elf("/a") is files.elf("/b") is files.elf("/c")


def test_everything_asked_is_recorded(tmp_path, parsed):
    files = live(tmp_path, a=b"one")
    files.stat("/none")
    files.list("/")
    files.read("/a", Words)
    files.elf("/a")
    record = files.record
    assert list(record.stats) == ["/none"]
    assert record.lists == {"/": ("a",)}
    assert record.facts == {Words: {"/a": Words([b"one"])}}
    assert isinstance(record.objects["/a"], Missing)


def test_another_user_is_denied_with_a_reason(tmp_path, parsed, monkeypatch):
    def refuse(*_args, **_options):
        raise PermissionError(13, "Permission denied")

    files = live(tmp_path, a=b"x")
    files.stat("/a")
    monkeypatch.setattr(module.os, "open", refuse)
    assert files.read("/a", Words) == Missing("/a: permission denied")


def test_the_default_cap_is_for_text():
    assert DEFAULT_CAP <= 16 << 20


def with_acl(path):
    try:
        os.setxattr(path, "system.posix_acl_access", ACL)
    except OSError as error:
        if error.errno == errno.ENOTSUP:
            pytest.skip("this file system has no ACLs")
        raise


def test_the_acl_of_a_file_and_of_a_directory(tmp_path):
    files = live(tmp_path, a=b"", b=b"")
    (tmp_path / "d").mkdir()
    for name in ("a", "d"):
        with_acl(tmp_path / name)
        assert files.read(f"/{name}", AccessControlList) == parse_acl(ACL)
    assert files.read("/b", AccessControlList).not_found
    assert files.read("/", AccessControlList).not_found
    assert files.read("/none", AccessControlList).not_found


def test_a_fifo_is_not_opened_for_its_acl(tmp_path):
    files = live(tmp_path)
    os.mkfifo(tmp_path / "pipe")
    assert files.read("/pipe", AccessControlList).not_found


def test_a_link_is_a_fact_of_its_own(tmp_path):
    files = live(tmp_path)
    (tmp_path / "c").symlink_to("a")
    assert files.read("/c", SymbolicLink) == SymbolicLink("a", os.getuid())
