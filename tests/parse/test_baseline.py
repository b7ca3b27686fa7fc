import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostprobe.parse.baseline import parse_baseline
from hostprobe.parse.error import ParseError

KNOWN = {"check": "a", "subject": "object:x", "severity": "low", "fingerprint": "0" * 16}


def written(*findings, **changes):
    return json.dumps({"kind": "baseline", "schema": 1, "findings": findings} | changes).encode()


def test_the_findings_come_back():
    assert parse_baseline(written()) == ()
    assert parse_baseline(written(KNOWN, KNOWN)) == (KNOWN, KNOWN)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "not JSON: "),
        (b"\xff", "not JSON: "),
        (b"[" * 100_000, "not JSON: "),
        (b"[]", "not a baseline of hostprobe"),
        (b'{"schema": 1, "findings": []}', "not a baseline of hostprobe"),
        (written(schema=2), "a baseline of schema 2, not 1"),
        (written(findings={}), "not a baseline of hostprobe: findings"),
        (written(KNOWN, 3), "not a baseline of hostprobe: findings[1]"),
        (written({**KNOWN, "severity": "worst"}), "not a baseline of hostprobe: findings[0]"),
        (written({**KNOWN, "fingerprint": 3}), "not a baseline of hostprobe: findings[0]"),
    ],
)
def test_what_is_no_baseline_is_refused_with_the_reason(data, says):
    with pytest.raises(ParseError) as caught:
        parse_baseline(data)
    assert str(caught.value).startswith(says)


@given(st.binary(max_size=99) | st.builds(written, st.dictionaries(st.text(), st.text())))
def test_any_bytes_are_a_baseline_or_a_parse_error(data):
    try:
        assert parse_baseline(data) == ()
    except ParseError as error:
        assert str(error)  # noqa: PT017
