"""Denials in files of journald: of every variant, damaged, and in part read before."""

import lzma
from collections import Counter
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostprobe.collect.libzstd import Decompressor
from hostprobe.parse.audit.denials import parse_denials
from hostprobe.parse.error import ParseError
from hostprobe.parse.journal import denials
from hostprobe.parse.journal.denials import JournalDenials
from hostprobe.parse.journal.file import JournalError, JournalFile
from tests.parse.audit.samples import APPARMOR, SELINUX
from tests.parse.journal.built import COMPACT, KEYED, LZ4, XZ, ZSTD, journal

VARIANTS = {
    "systemd 215, xz": XZ,
    "systemd 241, lz4": LZ4,
    "systemd 246, zstd": ZSTD | KEYED,
    "systemd 252": ZSTD | KEYED | COMPACT,
    "not compressed": KEYED | COMPACT,
}
TYPES = {"AVC": "1400", "USER_AVC": "1107", "SYSCALL": "1300", "PATH": "1302", "CWD": "1307"}
PACKED = b"what zstd packed: "


def taken_in(line, seconds=0):
    """A record of the audit socket as journald keeps it."""
    head, _, text = line.partition(b"): ")
    kind = head.removeprefix(b"type=").partition(b" ")[0]
    moment, _, serial = head.rpartition(b"(")[2].partition(b":")
    time = int(moment.replace(b".", b"")) * 1000 + seconds * 1_000_000
    return {
        b"_TRANSPORT": b"audit",
        b"_AUDIT_TYPE": TYPES.get(kind.decode(), "1327").encode(),
        b"_AUDIT_ID": serial,
        b"_SOURCE_REALTIME_TIMESTAMP": b"%d" % time,
        b"MESSAGE": kind + b" " + text.partition(b"\x1d")[0],
    }


def printed(line, priority=b"5"):
    """The same record in the kernel's log."""
    text = b"audit: type=1400 " + line.partition(b"msg=")[2].partition(b"\x1d")[0]
    return {b"_TRANSPORT": b"kernel", b"PRIORITY": priority, b"MESSAGE": text}


SOCKET = [taken_in(line) for lines in SELINUX.values() for line in lines]
LOG = [line for lines in SELINUX.values() for line in lines]
PROFILES = [line for line in APPARMOR.values() if line.startswith(b"type=AVC")]
NOISE = [
    {b"_TRANSPORT": b"kernel", b"PRIORITY": b"5", b"MESSAGE": b"Linux version 6"},
    {b"_TRANSPORT": b"syslog", b"PRIORITY": b"5", b"MESSAGE": LOG[0].partition(b"msg=")[2]},
    {b"_TRANSPORT": b"journal", b"MESSAGE": b"x" * 900},
]


def opened(image, unzstd=None):
    def read(offset, size):
        return image[offset : offset + size]

    return JournalFile(read, unzstd or libzstd)


def libzstd(data):
    try:
        return Decompressor("libzstd.so.1").feed(data, is_new=True)[0]
    except ValueError as error:
        raise OSError(0, str(error)) from error


def lines_of(found):
    return [line.rstrip(b"\n") for line in found.lines()]


def read(entries, flags=KEYED, after=0):
    found = JournalDenials(opened(journal(entries, flags)), after)
    lines = lines_of(found)
    return lines, found


def counted(lines):
    log = parse_denials(b"".join(line + b"\n" for line in lines))
    return sorted(map(repr, (*log.selinux, *log.apparmor)))


@pytest.mark.parametrize("flags", VARIANTS.values(), ids=VARIANTS)
def test_every_variant_tells_what_audit_log_tells(flags):
    lines, found = read([*NOISE, *SOCKET, *NOISE], flags)
    assert counted(lines) == counted(LOG)
    assert found.problems == []


def test_what_only_the_kernel_printed_is_told():
    lines, _ = read([*NOISE, *(printed(line) for line in PROFILES)])
    assert counted(lines) == counted(PROFILES)


def test_what_reached_journald_on_both_ways_counts_once():
    both = [entry for line in PROFILES for entry in (printed(line), taken_in(line))]
    lines, _ = read(both)
    assert counted(lines) == counted(PROFILES)


def test_only_the_kernels_own_lines_at_its_priority_count():
    forged = printed(APPARMOR["auditd"]) | {b"_TRANSPORT": b"syslog"}
    assert read([forged, printed(APPARMOR["auditd"], b"4")])[0] == []


def test_records_of_an_event_of_an_earlier_start_are_left_out():
    first, *others = SELINUX["event of several records"]
    before = [taken_in(line, seconds=-5000) for line in others]
    (found,) = counted(read([*before, taken_in(first)])[0])
    assert "program='httpd'" in found


def test_an_end_of_line_in_a_value_begins_no_record():
    forged = SELINUX["port"][0].replace(b"dest=5432", b"x=\n" + LOG[0])
    lines, _ = read([taken_in(forged)])
    assert len(lines) == 1


def test_reading_goes_on_behind_an_entry():
    first = [taken_in(SELINUX["port"][0]), *NOISE]
    more = [taken_in(SELINUX["bound port"][0]), printed(APPARMOR["auditd"])]
    _, begun = read(first)
    lines, gone_on = read([*first, *more], after=begun.newest)
    assert len(lines) == 2
    assert read([*first, *more, *NOISE[1:]], after=gone_on.newest)[0] == []


def test_of_more_entries_than_are_looked_at_the_newest_count(monkeypatch):
    monkeypatch.setattr(denials, "MOST_ENTRIES", 5)
    entries = [taken_in(SELINUX["port"][0].replace(b":503", b":%d" % n)) for n in range(9)]
    lines, found = read(entries)
    assert [line.partition(b"): ")[0].rpartition(b":")[2] for line in lines] == [
        b"8", b"7", b"6", b"5", b"4",
    ]  # fmt: skip
    assert "only the newest 5 of 9 entries with _AUDIT_TYPE=1400" in found.problems[0]


def test_what_cannot_be_unpacked_is_counted_and_the_rest_is_read():
    def fail(_):
        raise OSError(0, "no library")

    long = SELINUX["port"][0].replace(b"dest=", b"name=" + b"Y" * 900 + b" dest=")
    image = journal([taken_in(long), taken_in(SELINUX["bound port"][0])], ZSTD | KEYED)
    found = JournalDenials(opened(image, fail))
    assert len(lines_of(found)) == 1
    assert "no library" in found.problems[0]


def test_a_file_that_is_cut_tells_what_stands_before():
    image = journal([*SOCKET, *(NOISE * 50), *SOCKET], KEYED)
    whole = Counter(lines_of(JournalDenials(opened(image))))
    found = JournalDenials(opened(image[: len(image) * 2 // 3]))
    part = Counter(lines_of(found))
    assert part
    assert part < whole
    assert "parts of it cannot be read" in found.problems[0]


@pytest.mark.parametrize("image", [b"", b"LPKSHHRH" + bytes(50), b"x" * 300])
def test_what_is_no_journal_is_refused(image):
    with pytest.raises(JournalError):
        opened(image)


def test_a_newer_format_is_refused_in_words():
    with pytest.raises(JournalError, match="newer format"):
        opened(journal(SOCKET, 1 << 9))


SMALL = [journal([*NOISE, *SOCKET[:6], printed(LOG[0])], flags) for flags in VARIANTS.values()]


@given(
    st.sampled_from(SMALL),
    st.lists(st.tuples(st.integers(0, 9000), st.integers(0, 255)), max_size=12),
    st.integers(0, 9000),
)
def test_nothing_escapes_from_a_damaged_file(image, changes, end):
    damaged = bytearray(image)
    for place, value in changes:
        damaged[place % len(image)] = value
    with suppress(ParseError):
        for line in JournalDenials(opened(bytes(damaged[: end or None]))).lines():
            assert line.endswith(b"\n")


def test_xz_is_unpacked_within_bounds():
    bomb = lzma.compress(b"MESSAGE=" + bytes(1 << 20), check=lzma.CHECK_NONE)
    assert len(bomb) < 4096
    line = taken_in(SELINUX["port"][0]) | {b"MESSAGE": b"AVC " + bytes(1 << 20)}
    (only,) = read([line], XZ)[0]
    assert len(only) < 70_000
