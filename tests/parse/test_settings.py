from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostprobe.facts.settings import AgentSettings, ScanSettings, Settings, StateSettings, Waiver
from hostprobe.parse.error import ParseError
from hostprobe.parse.settings import parse_settings

ALL = b"""
[scan]
select = ["symbol-interposed", "libxml2-mixed"]
ignore = ["stdin-read"]
fail_on = "medium"

[state]
directory = "/srv/state"
keep = 7

[agent]
interval = 7200
debounce = 2.5
timeout = 60
memory = 512

[[waiver]]
check = "symbol-*"
subject = "object:/usr/lib/*"
reason = "nobody imports readline here"
expires = 2027-12-31

[[waiver]]
check = "stdin-read"
subject = "*"
reason = "known"
"""
WAIVER = '[[waiver]]\ncheck = "a"\nsubject = "b"\n'


def refusal(text):
    with pytest.raises(ParseError) as caught:
        parse_settings(text.encode("utf-8", "surrogateescape"))
    return str(caught.value)


def test_every_key_has_its_place():
    assert parse_settings(ALL) == Settings(
        ScanSettings(("symbol-interposed", "libxml2-mixed"), ("stdin-read",), "medium"),
        StateSettings("/srv/state", 7),
        (
            Waiver(
                "symbol-*", "object:/usr/lib/*", "nobody imports readline here", date(2027, 12, 31)
            ),
            Waiver("stdin-read", "*", "known"),
        ),
        agent=AgentSettings(7200.0, 2.5, 60.0, 512),
    )


def test_nothing_written_is_the_defaults():
    assert parse_settings(b"") == Settings()
    assert parse_settings(b"# a comment\n[scan]\n") == Settings()


def test_a_later_file_changes_single_keys_and_adds_waivers():
    later = b'[state]\nkeep = 9\n[[waiver]]\ncheck="c"\nsubject="s"\nreason="r"\n'
    both = parse_settings(later, parse_settings(ALL))
    assert both.state == StateSettings("/srv/state", 9)
    assert both.scan.fail_on == "medium"
    assert [each.check for each in both.waiver] == ["symbol-*", "stdin-read", "c"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[scann]", "scann is not a setting (known here: scan"),
        ("[scan]\nfail-on = 'low'", "scan.fail-on is not a setting (known here: select, ignore"),
        ("scan = 3", "scan must be a table"),
        ("[scan]\nselect = 'a'", "scan.select must be an array"),
        ("[scan]\nselect = ['a', 3]", "scan.select[1] must be a string"),
        ("[scan]\nfail_on = 'worst'", "scan.fail_on must be one of critical, high, medium, low"),
        ("[scan]\nfail_on = ''", "scan.fail_on must be one of"),
        ("[state]\nkeep = 0", "state.keep must be a number from 1 to 10000"),
        ("[state]\nkeep = -3", "state.keep must be a number from 1"),
        ("[state]\nkeep = true", "state.keep must be a whole number"),
        ("[state]\nkeep = 1.5", "state.keep must be a whole number"),
        ("[state]\nkeep = '5'", "state.keep must be a whole number"),
        (f"[state]\nkeep = {'9' * 4000}", "state.keep must be a number from 1"),
        (f"[state]\nkeep = {'9' * 5000}", "4300 digits"),
        ("[state]\ndirectory = 'var'", "state.directory must be an absolute path"),
        ("[state]\ndirectory = ''", "state.directory must be an absolute path"),
        ('[state]\ndirectory = "/a\\u0000"', "state.directory must be an absolute path"),
        ("[waiver]\ncheck = 'a'", "waiver must be an array"),
        ("waiver = [3]", "waiver[0] must be a table"),
        (WAIVER, "waiver[0].reason is missing"),
        (f"{WAIVER}reason = 'r'\n{WAIVER}", "waiver[1].reason is missing"),
        (f"{WAIVER}reason = ' '", "waiver[0].reason is empty"),
        (f"{WAIVER}reason = 3", "waiver[0].reason must be a string"),
        (f"{WAIVER}reasons = 'r'", "waiver[0].reasons is not a setting"),
        ("[[waiver]]\ncheck = ''\nsubject = 'b'\nreason = 'r'", "waiver[0].check is empty"),
        (f"{WAIVER}reason = 'r'\nexpires = 'soon'", "waiver[0].expires must be a date like 2027"),
        (f"{WAIVER}reason = 'r'\nexpires = '2027-02-30'", "waiver[0].expires must be a date"),
        (f"{WAIVER}reason = 'r'\nexpires = '20271231'", "waiver[0].expires must be a date"),
        (f"{WAIVER}reason = 'r'\nexpires = ''", "waiver[0].expires must be a date"),
        (f"{WAIVER}reason = 'r'\nexpires = 20271231", "waiver[0].expires must be a date"),
        (f"{WAIVER}reason = 'r'\nexpires = 2027-12-31T00:00:00Z", "waiver[0].expires must be a"),
        (f"{WAIVER}reason = 'r'\nexpires = 2027-02-30", "date"),
        ("[scan", "(at end of document)"),
        ("[scan]\nfail_on = 'low'\nfail_on = 'low'", "overwrite"),
        ("\udcff", "utf-8"),
        (f"a = {'[' * 100_000}", "nested too deeply"),
    ],
)
def test_a_mistake_is_told_with_its_key(text, message):
    assert message in refusal(text)


def test_a_date_may_stand_in_quotes():
    (waiver,) = parse_settings(f"{WAIVER}reason = 'r'\nexpires = '2027-12-31'".encode()).waiver
    assert waiver.expires == date(2027, 12, 31)


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_any_bytes_are_settings_or_a_parse_error(data):
    with suppress(ParseError):
        assert isinstance(parse_settings(data), Settings)


VALUES = st.recursive(
    st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.dates().map(date.isoformat)
    | st.sampled_from(['"high"', '"/srv"', '""', '"x"', "[]", "{}"]),
    lambda inner: st.lists(inner, max_size=3).map(
        lambda values: f"[{', '.join(map(toml, values))}]"
    ),
    max_leaves=5,
)
KEYS = st.sampled_from(
    [
        "scan",
        "state",
        "waiver",
        "other",
        "scan.select",
        "scan.fail_on",
        "state.keep",
        "state.directory",
        "waiver.expires",
    ]
)


def toml(value):
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else str(value)


@given(KEYS, VALUES)
def test_any_value_under_a_known_key_is_taken_or_refused_by_name(key, value):
    found, said = read(f"{key} = {toml(value)}\n")
    if found is None:
        assert any(part in said for part in key.split("."))
    else:
        assert 1 <= found.state.keep <= 10_000
        assert found.state.directory.startswith("/")


def read(text):
    """The settings, or None and what is wrong."""
    try:
        return parse_settings(text.encode()), ""
    except ParseError as error:
        return None, str(error)


@given(
    st.builds(
        Waiver,
        check=st.from_regex(r"[a-z*-]+", fullmatch=True),
        subject=st.from_regex(r"[a-z:/*]+", fullmatch=True),
        reason=st.from_regex(r"[a-z ]*[a-z]", fullmatch=True),
        expires=st.none() | st.dates(),
    )
)
def test_what_is_written_is_what_is_read(waiver):
    day = f"expires = {waiver.expires}\n" if waiver.expires else ""
    text = (
        f'[[waiver]]\ncheck = "{waiver.check}"\nsubject = "{waiver.subject}"\n'
        f'reason = "{waiver.reason}"\n{day}'
    )
    assert parse_settings(text.encode()).waiver == (waiver,)
