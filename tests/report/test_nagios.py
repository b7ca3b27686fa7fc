import re

import nagiosplugin
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostprobe.report.nagios import (
    CRITICAL,
    MAX_LINE,
    MAX_OUTPUT,
    OK,
    UNKNOWN,
    WARNING,
    Policy,
    parse_limits,
    parse_range,
    render_plugin,
    unknown,
)
from tests.report.documents import (
    FOREIGN,
    document,
    hostile_document,
    silent_document,
    waived_document,
)
from tests.report.golden_files import assert_golden, assert_no_surprise

FIGURE = re.compile(r"[a-z]+=-?[\d.]+s?;[-~@:\d]*;[-~@:\d]*;0")


def policy(warning="medium", critical="high", incomplete=UNKNOWN):
    return Policy(parse_limits(warning), parse_limits(critical), incomplete)


def output(found, verbosity=0, **limits):
    return render_plugin(found, policy(**limits), 60.0, verbosity)[1]


def state(found, **limits):
    return render_plugin(found, policy(**limits), 60.0, 0)[0]


def with_findings(*severities, complete=True):
    found = document()
    first = found["findings"][0]
    return found | {
        "complete": complete,
        "findings": [first | {"severity": severity} for severity in severities],
    }


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (silent_document(), OK),
        (with_findings("low", "info"), OK),
        (with_findings("medium"), WARNING),
        (with_findings("high", "medium"), CRITICAL),
        (with_findings("critical"), CRITICAL),
        (with_findings(complete=False), UNKNOWN),
        (with_findings("low", complete=False), UNKNOWN),
        (with_findings("medium", complete=False), WARNING),
        (with_findings("critical", complete=False), CRITICAL),
        (document(waived=[0]), UNKNOWN),
    ],
)
def test_the_state_is_the_gravest_of_what_is_known(found, expected):
    assert state(found) == expected


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        ({"warning": "none", "critical": "none"}, OK),
        ({"warning": "low", "critical": "none"}, WARNING),
        ({"warning": "none", "critical": "critical"}, OK),
        ({"warning": "high=1", "critical": "high=2"}, WARNING),
        ({"warning": "high=2", "critical": "high=3"}, OK),
        ({"warning": "none", "critical": "high=3,low=@0"}, CRITICAL),
    ],
)
def test_thresholds_are_severities_or_numbers(limits, expected):
    assert state(with_findings("high", "high"), **limits) == expected


def test_what_is_incomplete_may_be_told_otherwise():
    assert state(with_findings(complete=False), incomplete=OK) == OK
    assert state(with_findings("medium", complete=False), incomplete=CRITICAL) == CRITICAL


@pytest.mark.parametrize(
    "text", ["", "x", "5", "worst", "high=", "high=x", "high=5:3", "high=1,", "high=1;low=2"]
)
def test_a_threshold_that_is_none_is_refused(text):
    with pytest.raises(ValueError, match="is "):
        parse_limits(text)


@given(
    st.from_regex(r"\A@?((~|-?\d{1,3})?:)?(-?\d{1,3})?\Z"),
    st.integers(-1100, 1100),
)
def test_ranges_alert_as_the_guidelines_say(text, value):
    try:
        found = parse_range(text)
    except ValueError:
        return
    assert found.alerts(value) == (not nagiosplugin.Range(text).match(value))


@pytest.mark.parametrize("text", ["10", "10:", "~:10", "10:20", "@10:20", "-5:5", ":7"])
def test_every_form_of_a_range_is_read(text):
    assert parse_range(text).text == text


@pytest.mark.parametrize("verbosity", [0, 1, 2, 3])
def test_the_output_is_as_agreed(verbosity):
    text = output(hostile_document(), verbosity)
    assert_no_surprise(text)
    assert_golden(f"nagios-{verbosity}.txt", text)


def test_the_only_pipe_stands_before_the_figures():
    for verbosity in range(4):
        text = output(hostile_document(), verbosity)
        assert text.count("|") == 1
        figures = text.partition("\n")[0].partition(" | ")[2].split(" ")
        assert all(FIGURE.fullmatch(figure) for figure in figures), figures


def test_figures_are_numbers_of_active_findings_with_their_thresholds():
    text = output(with_findings("high", "high", "low"), warning="medium=5", critical="high")
    assert text.partition(" | ")[2] == (
        "critical=0;;0;0 high=2;;0;0 medium=0;5;;0 low=1;;;0 info=0;;;0 waived=0;;;0 "
        "age=60s;;;0 duration=0.500s;;;0\n"
    )


def test_waived_findings_are_said_but_not_counted():
    text = output(document(waived=[0]), 3)
    assert text.startswith("HOSTPROBE UNKNOWN - 1 low, 1 info: A small thing, 1 waived, INCOMPLETE")
    assert "critical=0;0;0;0" in text
    assert "\nWAIVED Python's readline" in text


def test_a_clean_host_says_what_was_judged():
    assert output(silent_document()).startswith("HOSTPROBE OK - no findings of 6 checks | ")


def test_an_incomplete_report_says_why():
    assert "INCOMPLETE: checks failed: 1, checks not run: 1 | " in output(document())
    text = output(document(), 2)
    assert "\nNOT-RUN openssl-mixed: " in text
    assert "\nFAILED lost-check: SyntaxError" in text
    assert "\nNOT READ no MPM" in text
    assert "\nLOOK AT a waiver holds for no finding: expat" in output(waived_document(), 2)


def test_much_output_is_cut_where_nagios_would_cut_it():
    found = document()
    found["findings"] = [found["findings"][0] | {"title": "x" * 5000}] * 100
    text = output(found, 3)
    assert len(text.encode()) < MAX_OUTPUT + 200
    assert re.search(r"\n\.\.\. and \d+ more lines", text)
    assert max(map(len, text.splitlines())) < MAX_LINE + 500


def test_no_answer_is_one_line():
    assert unknown(FOREIGN)[0] == UNKNOWN
    text = unknown(FOREIGN)[1]
    assert text.startswith("HOSTPROBE UNKNOWN - a\\nb\\x1b")
    assert "|" not in text
    assert_no_surprise(text)
