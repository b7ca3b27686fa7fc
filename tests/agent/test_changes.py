import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostprobe.agent.changes import parse_told, render_told, tell_changes, told_next
from hostprobe.agent.journal import Kind, Priority
from hostprobe.report.json import document_of
from tests.report.sample import report


class Recorder:
    """A journal that keeps what it is told."""

    def __init__(self):
        self.told = []

    def tell(self, kind, priority, message, fields=None):
        self.told.append((kind, priority, message, fields))


def document(*findings, **outcomes):
    """A report of these findings; each check found something unless said otherwise."""
    checks = {finding["check"]: "found" for finding in findings} | outcomes
    return {
        "checks": [{"id": name, "outcome": outcome} for name, outcome in checks.items()],
        "findings": list(findings),
    }


def finding(mark, check="a", **others):
    return {
        "check": check,
        "severity": "high",
        "certainty": "certain",
        "subject": f"app:{mark}",
        "title": "It breaks",
        "detail": "It breaks because.",
        "affected": [],
        "remedy": ["first", "second"],
        "fingerprint": mark,
        "waived": None,
    } | others


def told(before, now):
    """Entries of one scan after another."""
    journal = Recorder()
    then = told_next({}, before)
    tell_changes(journal, then, told_next(then, now))
    return [(kind, message) for kind, _, message, _ in journal.told]


def test_what_appears_and_what_is_gone_is_told_once():
    one, two = finding("1"), finding("2")
    assert told(document(one), document(one)) == []
    assert told(document(one), document(two)) == [
        (Kind.FINDING_APPEARED, "appeared: HIGH It breaks [a] app:2"),
        (Kind.FINDING_GONE, "gone: HIGH It breaks [a] app:1"),
    ]


@pytest.mark.parametrize("outcome", ["failed", "not-run"])
def test_what_could_not_be_judged_is_not_gone(outcome):
    before = document(finding("1"))
    assert told(before, document(a=outcome)) == []
    assert told(before, document()) == []


@pytest.mark.parametrize("outcome", ["clean", "not-applicable"])
def test_what_is_judged_not_to_be_there_is_gone(outcome):
    assert told(document(finding("1")), document(a=outcome))[0][0] == Kind.FINDING_GONE


def test_what_could_not_be_judged_for_a_while_is_not_new_afterwards():
    one = finding("1")
    then = told_next(told_next({}, document(one)), document(a="failed"))
    journal = Recorder()
    tell_changes(journal, then, told_next(then, document(one)))
    assert journal.told == []


def test_an_entry_carries_the_finding():
    journal = Recorder()
    tell_changes(journal, {}, {"1": finding("1", title="It\x1b breaks", affected=["x\ny"])})
    [(kind, priority, message, fields)] = journal.told
    assert (kind, priority) == (Kind.FINDING_APPEARED, Priority.ERROR)
    assert message == "appeared: HIGH It\x1b breaks [a] app:1"  # the journal escapes it
    assert fields == {
        "HOSTPROBE_CHECK": "a",
        "HOSTPROBE_SEVERITY": "high",
        "HOSTPROBE_FINGERPRINT": "1",
        "HOSTPROBE_SUBJECT": "app:1",
        "HOSTPROBE_CERTAINTY": "certain",
        "HOSTPROBE_DETAIL": "It breaks because.",
        "HOSTPROBE_AFFECTED": "x\\ny",
        "HOSTPROBE_REMEDY": "first\nsecond",
    }


def test_a_waived_finding_wakes_nobody():
    journal = Recorder()
    tell_changes(journal, {}, {"1": finding("1", waived={"reason": "ours", "expires": None})})
    [(_, priority, message, _)] = journal.told
    assert (priority, message.partition(":")[0]) == (Priority.INFO, "waived")


def test_what_was_told_comes_back_from_its_file():
    now = told_next({}, document_of(report()))
    assert len(now) > 1
    back = parse_told(render_told(now))
    assert back.keys() == now.keys()
    journal = Recorder()
    tell_changes(journal, back, now)
    tell_changes(journal, back, {})
    assert [kind for kind, *_ in journal.told] == [Kind.FINDING_GONE] * len(now)


@given(
    st.binary()
    | st.recursive(st.none() | st.text(), st.lists).map(lambda x: json.dumps(x).encode())
)
def test_a_damaged_file_means_that_nothing_was_told(data):
    assert parse_told(data) == {}
