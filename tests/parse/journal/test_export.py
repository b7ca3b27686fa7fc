"""What journalctl exports, in portions of any size."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostprobe.parse.error import ParseError
from hostprobe.parse.journal import export, records
from hostprobe.parse.journal.export import Export
from tests.parse.audit.samples import SELINUX
from tests.parse.journal.test_denials import (
    LOG,
    NOISE,
    PROFILES,
    SOCKET,
    counted,
    printed,
    taken_in,
)


def exported(entries):
    return b"".join(
        b"__CURSOR=s=1;i=%d\n%s\n" % (number, b"".join(map(field, entry, entry.values())))
        for number, entry in enumerate(entries)
    )


def field(name, value):
    if b"\n" in value:
        return name + b"\n" + len(value).to_bytes(8, "little") + value + b"\n"
    return name + b"=" + value + b"\n"


def lines(*portions):
    return [line.rstrip(b"\n") for line in Export().lines(portions)]


def test_an_export_tells_what_audit_log_tells():
    assert counted(lines(exported([*NOISE, *SOCKET, *NOISE]))) == counted(LOG)


def test_what_reached_journald_on_both_ways_counts_once():
    both = [entry for line in PROFILES for entry in (printed(line), taken_in(line))]
    assert counted(lines(exported(both))) == counted(PROFILES)


def test_a_value_with_ends_of_lines_is_one_value():
    forged = exported([{b"MESSAGE": b"x\n\n" + exported(SOCKET), b"_TRANSPORT": b"journal"}])
    assert lines(forged) == []


def test_a_value_that_nobody_wants_is_passed_over_whatever_its_size():
    core = {b"COREDUMP": b"\n" * (3 << 20), b"_TRANSPORT": b"journal"}
    text = exported([core, taken_in(LOG[0])])
    assert len(lines(*(text[place : place + 65_536] for place in range(0, len(text), 65_536)))) == 1


def test_lines_of_the_kernel_wait_only_so_long(monkeypatch):
    monkeypatch.setattr(records, "MOST_WAITING", 2)
    found = lines(exported([printed(line) for line in PROFILES]))
    assert counted(found) == counted(PROFILES)


@pytest.mark.parametrize("text", [exported(SOCKET)[:-1], exported(SOCKET) + b"MESSAGE\n\xff"])
def test_an_export_that_breaks_off_says_so_and_tells_what_stands_before(text):
    found = []
    with pytest.raises(ParseError, match="breaks off"):
        found.extend(Export().lines([text]))
    assert counted(found) == counted(LOG)


def test_a_line_that_never_ends_is_refused():
    with pytest.raises(ParseError, match="in one line"):
        lines(export.BEGIN + b"x" * (3 << 20))


TEXT = exported([*NOISE, *SOCKET[:4], {b"MESSAGE": b"a\nb", b"X": b"c\n"}, printed(LOG[0])])


@given(st.lists(st.integers(1, 400)))
def test_portions_make_no_difference(sizes):
    portions, place = [], 0
    for size in sizes:
        portions.append(TEXT[place : place + size])
        place += size
    assert lines(*portions, TEXT[place:]) == lines(TEXT)


@given(st.binary(max_size=200), st.integers(0, len(TEXT)))
def test_nothing_escapes(data, place):
    with suppress(ParseError):
        for line in Export().lines([TEXT[:place], data, TEXT[place:]]):
            assert line.endswith(b"\n")


def test_the_time_of_a_record_is_that_of_its_event():
    (line,) = lines(exported([taken_in(SELINUX["port"][0])]))
    assert line.startswith(b"type=1400 msg=audit(1700000003.000:503): avc:  denied")
