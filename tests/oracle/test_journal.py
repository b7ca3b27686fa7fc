"""The same entries as journalctl, in files that systemd wrote and in all variants of the format."""

from __future__ import annotations

import json
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from hostprobe.collect.denials import collect_denials
from hostprobe.collect.root import Root
from hostprobe.facts.denial import DenialLog
from hostprobe.parse.journal.denials import DENIALS, JournalDenials
from hostprobe.parse.journal.file import ONLINE, JournalFile
from tests.oracle.journal_log import host, write_journal
from tests.parse.audit.samples import APPARMOR
from tests.parse.journal.built import journal
from tests.parse.journal.test_denials import NOISE, SOCKET, VARIANTS, libzstd, printed
from tests.real.systemd import BootedSystem, may_mount

pytestmark = pytest.mark.real
COUNT, EVENTS = 18_000, 900
FORMATS = {
    "compact, compressed": {},
    "regular": {"SYSTEMD_JOURNAL_COMPACT": "0"},
    "before systemd 246": {"SYSTEMD_JOURNAL_COMPACT": "0", "SYSTEMD_JOURNAL_KEYED_HASH": "0"},
}


def journalctl(path: Path, *arguments: str) -> bytes:
    """What it prints of one file."""
    command = ["journalctl", "--file", str(path), "--all", *arguments]
    return subprocess.run(command, capture_output=True, check=True).stdout


def entries(path: Path, *matches: str) -> list[dict[str, str]]:
    """As journalctl finds them by its indexes."""
    text = journalctl(path, "-o", "json", *matches)
    return [json.loads(line) for line in text.splitlines()]


def expected(path: Path) -> Counter[str]:
    """Texts of denials of the audit socket, and of those that only the kernel's log has."""
    types = (f"_AUDIT_TYPE={kind.decode()}" for kind in DENIALS)
    told = entries(path, *types)
    found = Counter(one["MESSAGE"].partition(" ")[2] for one in told)
    known = {(one["_AUDIT_ID"], one["_SOURCE_REALTIME_TIMESTAMP"][:-3]) for one in told}
    for one in entries(path, "_TRANSPORT=kernel"):
        head, is_record, text = one["MESSAGE"].partition("): ")
        moment, _, serial = head.rpartition("(")[2].partition(":")
        if is_record and (serial, moment.replace(".", "")) not in known:
            found[text] += 1
    return +Counter({text: count for text, count in found.items() if is_denial(text)})


def is_denial(text: str) -> bool:
    return "avc:  denied" in text or "apparmor=" in text


def ours(path: Path) -> Counter[str]:
    """The same, of our reader."""
    image = path.read_bytes()
    found = JournalDenials(JournalFile(lambda offset, size: image[offset : offset + size], libzstd))
    lines = [line.decode().rstrip("\n") for line in found.lines()]
    assert found.problems == []
    texts = (line.partition("): ")[2] for line in lines)
    return Counter(text for text in texts if is_denial(text))


@pytest.mark.parametrize("environment", FORMATS.values(), ids=FORMATS)
def test_a_file_of_systemd_has_the_denials_that_journalctl_finds(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    path = tmp_path / "system.journal"
    write_journal(path, host(COUNT, EVENTS), **environment)
    theirs = expected(path)
    assert theirs.total() == EVENTS
    assert ours(path) == theirs


@pytest.mark.parametrize("flags", VARIANTS.values(), ids=VARIANTS)
def test_a_built_file_has_the_denials_that_journalctl_finds(tmp_path: Path, flags: int) -> None:
    path = tmp_path / "system.journal"
    records = [printed(line) for line in APPARMOR.values()]
    path.write_bytes(journal([*NOISE, *SOCKET, *records, *(SOCKET * 20)], flags))
    theirs = expected(path)
    assert theirs.total() > 100
    assert ours(path) == theirs


def test_an_export_tells_what_the_file_tells(tmp_path: Path) -> None:
    path, export = tmp_path / "system.journal", tmp_path / "journal.export"
    write_journal(path, host(COUNT, EVENTS))
    export.write_bytes(journalctl(path, "-o", "export"))
    logs = [collect_denials(Root(str(tmp_path)), f"/{one.name}") for one in (path, export)]
    binary, text = (one for one in logs if isinstance(one, DenialLog))
    assert set(binary.selinux) == set(text.selinux)
    assert sum(one.count for one in binary.selinux) > 100
    assert binary.problems == text.problems == ()


def test_events_of_the_kernels_log_come_whole(tmp_path: Path) -> None:
    path = tmp_path / "system.journal"
    write_journal(path, host(2_000, 100))
    found = collect_denials(Root(str(tmp_path)), "/system.journal")
    assert isinstance(found, DenialLog)
    files = [one for one in found.selinux if one.kind == "file"]
    assert files
    assert all((one.path or "").startswith("/home/shop/app") for one in files)
    assert {one.program for one in files} == {"/usr/sbin/httpd"}


def test_a_file_that_journald_is_writing_is_read(tmp_path: Path) -> None:
    if not may_mount():
        pytest.skip("this container may not mount")
    with BootedSystem() as system:
        system.run("systemctl", "start", "systemd-journald.socket", "systemd-journald.service")
        for number in range(30):
            system.run("logger", "-t", "hostprobe-test", f"line {number}")
        system.run("journalctl", "--sync")
        (path,) = system.path("/run/log/journal").glob("*/system.journal")
        image = path.read_bytes()
    assert image[16] == ONLINE
    journal = JournalFile(lambda offset, size: image[offset : offset + size], libzstd)
    data = journal.find(b"SYSLOG_IDENTIFIER=hostprobe-test")
    assert data is not None
    found = [journal.fields(entry)[b"MESSAGE"] for entry in journal.entries(data, 100)]
    assert found == [b"line %d" % number for number in range(30)]
