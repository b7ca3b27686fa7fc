import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostprobe.facts.plan import Close, Open, OpenFlags, Plan
from hostprobe.parse.error import ParseError
from hostprobe.parse.plan import parse_plan

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.floats(allow_nan=False),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)
OPEN = {"open": "/a.so", "flags": ["NOW"]}


def plan(**changes):
    data = {"schema": 1, "main": "/bin/x", "operations": []} | changes
    return json.dumps({key: value for key, value in data.items() if value is not None}).encode()


def test_a_plan_is_read():
    operations = [
        OPEN | {"flags": ["LAZY", "GLOBAL", "DEEPBIND"], "caller": "/b.so"},
        {"close": "/a.so"},
    ]
    assert parse_plan(plan(operations=operations, environment={"LD_PRELOAD": "x"})) == Plan(
        "/bin/x",
        (
            Open("/a.so", OpenFlags.LAZY | OpenFlags.GLOBAL | OpenFlags.DEEPBIND, "/b.so"),
            Close("/a.so"),
        ),
        {"LD_PRELOAD": "x"},
    )


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"{", "not JSON"),
        (b"[]", "the plan: list instead of dict"),
        (b"[" * 100_000, "not JSON"),
        (plan(schema=2), "schema: 2 instead of 1"),
        (plan(schema=True), "schema: True instead of 1"),
        (plan(main=None), "the plan: the key 'main' is missing"),
        (plan(main=""), "main: '' is not a file name"),
        (plan(mian="x"), "the plan: unknown key 'mian'"),
        (plan(environment={"A": 1}), "environment.A: int instead of str"),
        (plan(operations={}), "operations: dict instead of list"),
        (plan(operations=[1]), r"operations\[0\]: int instead of dict"),
        (plan(operations=[OPEN, {"open": "/a"}]), r"operations\[1\]: the key 'flags' is missing"),
        (
            plan(operations=[OPEN | {"flags": ["now"]}]),
            r"operations\[0\].flags: 'now' is none of LAZY",
        ),
        (plan(operations=[OPEN | {"flags": [[]]}]), r"operations\[0\].flags: \[\] is none of"),
        (plan(operations=[OPEN | {"flags": ["GLOBAL"]}]), "LAZY or NOW is missing"),
        (plan(operations=[OPEN | {"caller": 3}]), r"operations\[0\].caller: int instead of str"),
        (plan(operations=[{"close": "a", "open": "b"}]), r"operations\[0\]: unknown key 'open'"),
        (
            plan(operations=[{"close": "a\0b"}]),
            r"operations\[0\].close: 'a\\x00b' is not a file name",
        ),
    ],
)
def test_an_error_names_the_key(data, message):
    with pytest.raises(ParseError, match=message):
        parse_plan(data)


@given(JSON)
def test_only_parse_errors_escape(value):
    for data in (value, {"schema": 1, "main": "/x", "operations": value}):
        with contextlib.suppress(ParseError):
            parse_plan(json.dumps(data).encode())


@given(st.binary())
def test_bytes_are_a_plan_or_a_parse_error(data):
    with contextlib.suppress(ParseError):
        parse_plan(data)
