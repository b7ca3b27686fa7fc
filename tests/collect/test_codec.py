import json
from collections.abc import Mapping
from dataclasses import dataclass, is_dataclass
from typing import Any, NamedTuple, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostprobe.collect.codec import CodecError, codec, decode, encode, hints, is_named_tuple
from hostprobe.collect.files import SPECIAL
from hostprobe.collect.kinds import PARSERS
from hostprobe.facts.elf import Definition, Elf, LookupClass, Reference, Tls, VersionNeed
from hostprobe.facts.plan import Close, Open, OpenFlags, Plan


@dataclass(frozen=True, slots=True)
class Tree:
    """A class that contains itself."""

    name: str
    children: "tuple[Tree, ...] | None" = None


class Pair(NamedTuple):
    left: bytes
    right: float | None


def through(value, kind):
    return decode(json.loads(json.dumps(encode(value, kind))), kind)


DEFINITION = st.builds(
    Definition,
    st.integers(0, 10),
    st.integers(0, 10),
    st.integers(0, 3),
    st.booleans(),
    st.integers(0),
)
REFERENCE = st.builds(
    Reference,
    st.binary(),
    st.none() | st.binary(),
    st.none() | st.binary(),
    st.booleans(),
    st.sampled_from(LookupClass),
    *[st.booleans()] * 3,
    st.integers(0, 10),
    st.booleans(),
)
ELF = st.builds(
    Elf,
    interpreter=st.none() | st.binary(),
    needed=st.lists(st.binary()).map(tuple),
    tls=st.none() | st.builds(Tls, st.integers(0), st.integers(0)),
    version_needs=st.lists(st.builds(VersionNeed)).map(tuple),
    version_definitions=st.dictionaries(st.integers(), st.binary()),
    definitions=st.dictionaries(st.binary(), st.lists(DEFINITION).map(tuple)),
    references=st.lists(REFERENCE).map(tuple),
)


@given(ELF)
def test_an_object_comes_back_equal(elf):
    assert through(elf, Elf) == elf


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (Tree("a", (Tree("b"), Tree("\udcff", ()))), Tree),
        (Pair(b"\xff\0", None), Pair),
        (Plan("/x", (Open("/a", OpenFlags.NOW | OpenFlags.GLOBAL), Close("/a")), {"A": "b"}), Plan),
        ((("a", 1),), tuple[tuple[str, int], ...]),
        ({3: b"x"}, Mapping[int, bytes]),
        (frozenset({3, 1}), frozenset[int]),
        (None, int | None),
    ],
)
def test_values_come_back_equal(value, kind):
    assert through(value, kind) == value


@pytest.mark.parametrize(
    ("data", "kind", "message"),
    [
        ("1", int, "str instead of int"),
        (True, int, "bool instead of int"),
        (1, bool, "int instead of bool"),
        (None, str, "NoneType instead of str"),
        (1, bytes, "int instead of text"),
        ("€", bytes, "above U"),
        ({}, tuple[int, ...], "dict instead of a list"),
        ([1, 2, 3], tuple[int, int], "3 values instead of 2"),
        (["a"], Tree, "1 values instead of 2"),
        ([["/a"]], Plan, "1 values instead of 3"),
        ({"Shell": []}, Open | Close, "not one of Open, Close"),
        ({"Open": [], "Close": []}, Open | Close, "not one of"),
        ([[]], Open | Close, "not one of"),
        (77, LookupClass, "77 is not a valid"),
        ("0", LookupClass, "str instead of a number"),
        ([["a"], [], [0]], tuple[Reference, ...], "row number that does not exist"),
        ([["a"], [], []], tuple[Reference, ...], "three columns"),
        ([[]], Mapping[bytes, tuple[Definition, ...]], "three columns"),
    ],
)
def test_data_of_another_type_is_refused(data, kind, message):
    with pytest.raises(CodecError, match=message):
        decode(data, kind)


@pytest.mark.parametrize("kind", [Any, object, complex, list[int]])
def test_a_type_without_a_rule_is_refused(kind):
    with pytest.raises(CodecError, match="no rule"):
        encode(1, kind)


def test_a_repeated_row_of_a_symbol_table_is_written_once():
    rows = {b"a": (Definition(1, 2, 0, False, 3),), b"b": (Definition(1, 2, 0, False, 3),)}
    names, distinct, numbers = encode(rows, Mapping[bytes, tuple[Definition, ...]])
    assert (names, len(distinct), numbers) == (["a", "b"], 1, [0, 0])


def parts(kind, seen):
    """Every annotation inside a type."""
    if kind not in seen:
        seen.add(kind)
        own = hints(kind) if is_dataclass(kind) or is_named_tuple(kind) else get_args(kind)
        for part in own:
            if part is not Ellipsis:
                parts(part, seen)
    return seen


@pytest.mark.parametrize("kind", [*PARSERS, *SPECIAL], ids=lambda kind: kind.__name__)
def test_every_kind_of_fact_can_be_written_into_a_snapshot(kind):
    assert all(callable(code) for part in parts(kind, set()) for code in codec(part))
