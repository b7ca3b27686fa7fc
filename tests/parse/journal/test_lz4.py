"""Blocks of liblz4, and damaged ones."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostprobe.parse.error import ParseError
from hostprobe.parse.journal.lz4 import unpacked_lz4
from tests.parse.journal.built import packed_lz4

MOST = 1 << 16


@given(st.lists(st.binary(max_size=40) | st.sampled_from([b"a" * 700, b"abc" * 99])).map(b"".join))
def test_what_the_library_packs_is_unpacked(text):
    assert unpacked_lz4(packed_lz4(text)[8:], MOST) == text


def test_a_bomb_is_not_unpacked():
    with pytest.raises(ParseError, match="more than 65536 bytes"):
        unpacked_lz4(packed_lz4(bytes(10 << 20))[8:], MOST)


@given(st.binary(max_size=60) | st.builds(lambda a, b: a + b, st.binary(), st.just(b"\xff" * 40)))
def test_nothing_else_escapes(data):
    with suppress(ParseError):
        assert len(unpacked_lz4(data, MOST)) <= MOST
