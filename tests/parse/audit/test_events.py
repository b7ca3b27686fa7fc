"""Events from bytes in any portions: complete, in bounded memory."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostprobe.parse.audit import events
from hostprobe.parse.audit.events import EventReader

DENIAL = b"type=AVC msg=audit(1.000:%d): avc:  denied  { read } for x"
CALL = b"type=SYSCALL msg=audit(1.000:%d): arch=1"


def everything(*portions, wants=lambda _: True):
    reader = EventReader(wants)
    found = [event for portion in portions for event in reader.feed(portion)]
    return [*found, *reader.finish()], reader


def of(*portions):
    return {one.identity: one.lines for one in everything(*portions)[0]}


def text(*lines):
    return b"".join(line + b"\n" for line in lines)


def test_records_that_interleave_are_put_together():
    log = text(DENIAL % 1, DENIAL % 2, CALL % 2, CALL % 3, CALL % 1)
    assert of(log) == {b"1.000:1": (DENIAL % 1, CALL % 1), b"1.000:2": (DENIAL % 2, CALL % 2)}


@pytest.fixture
def small_blocks(monkeypatch):
    monkeypatch.setattr(events, "BLOCK", 100)


def test_an_event_may_end_in_the_next_block(small_blocks):
    log = text(DENIAL % 1, b"x" * 60, CALL % 1)
    assert of(log) == {b"1.000:1": (DENIAL % 1, CALL % 1)}


def test_a_line_that_never_ends_is_passed_over_and_counted(small_blocks):
    log = text(DENIAL % 1, b"avc: " + b"x" * 1000, DENIAL % 2)
    found, reader = everything(*(log[place : place + 70] for place in range(0, len(log), 70)))
    assert {one.identity for one in found} == {b"1.000:1", b"1.000:2"}
    assert reader.overlong == 1
    assert reader.offset == len(log)


def test_a_last_line_without_its_end_is_seen_but_read_again():
    log = text(DENIAL % 1) + DENIAL % 2
    found, reader = everything(log)
    assert [one.identity for one in found] == [b"1.000:1", b"1.000:2"]
    assert reader.offset == len(text(DENIAL % 1))


def test_events_that_nobody_wants_are_not_kept():
    assert everything(text(DENIAL % 1, CALL % 1), wants=lambda _: False)[0] == []


def test_binary_garbage_is_no_event():
    found, _ = everything(b"\0\xff avc: \n\n avc: ):( \n")
    assert found == []


@given(
    st.lists(st.sampled_from([DENIAL % 1, DENIAL % 2, CALL % 1, CALL % 2, b"", b"\0avc: ", b"("])),
    st.lists(st.integers(1, 90)),
)
def test_portions_make_no_difference(lines, sizes):
    log = text(*lines)
    portions, place = [], 0
    for size in sizes:
        portions.append(log[place : place + size])
        place += size
    portions.append(log[place:])
    assert of(*portions) == of(log)


@given(st.binary(max_size=300), st.integers(20, 90))
def test_nothing_escapes_and_the_offset_never_passes_the_end(data, size):
    block, events.BLOCK = events.BLOCK, size
    try:
        _, reader = everything(data[:100], data[100:])
    finally:
        events.BLOCK = block
    assert 0 <= reader.offset <= len(data)
