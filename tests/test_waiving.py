"""Waivers: which findings count no more, and which waivers need a look."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostprobe.check import Certainty, Finding, Severity
from hostprobe.engine import Outcome, Result
from hostprobe.facts.settings import Waiver
from hostprobe.waiving import standings, waived
from tests.report.sample import report, symbol_interposed

TODAY = date(2026, 11, 27)
LASTS = Waiver("symbol-*", "object:/usr/*", "judged", date(2027, 1, 1))


def finding(subject, severity=Severity.high):
    return Finding(subject, "It is wrong", severity, Certainty.certain)


def result(*subjects, name="symbol-interposed", outcome=Outcome.found):
    return Result(name, outcome, symbol_interposed, findings=tuple(map(finding, subjects)))


def kept(results, *waivers, today=TODAY):
    """Subjects of findings that count."""
    judged = waived(results, waivers, today)
    return [each.subject for one in judged for each in one.findings if each.waived is None]


def standing(results, *waivers, ids=("symbol-interposed", "stdin-read"), **options):
    judged = standings(waivers, waived(results, waivers, TODAY), ids, TODAY, **options)
    return [each.standing.value for each in judged]


@pytest.mark.parametrize(
    ("check", "subject", "holds"),
    [
        ("symbol-interposed", "object:/usr/lib/a.so", True),
        ("symbol-interposed", "object:/usr/lib/*", True),
        ("*", "*", True),
        ("symbol-*", "object:*a.so", True),
        ("symbol", "*", False),
        ("*", "object:/usr/lib", False),
        ("*", "/usr/lib/a.so", False),
        ("*", "OBJECT:*", False),
        ("stdin-read", "*", False),
    ],
)
def test_both_globs_must_match_all_of_the_name(check, subject, holds):
    found = [result("object:/usr/lib/a.so")]
    assert (kept(found, Waiver(check, subject, "r")) == []) is holds


def test_only_what_it_names_is_waived_and_all_else_stays_as_it_was():
    found = [result("object:/usr/a", "object:/srv/a"), result("object:/usr/a", name="stdin-read")]
    judged = waived(found, (LASTS,), TODAY)
    assert [each.waived for each in judged[0].findings] == [LASTS, None]
    bare = [
        replace(one, findings=tuple(replace(each, waived=None) for each in one.findings))
        for one in judged
    ]
    assert bare == found


@pytest.mark.parametrize(
    ("expires", "holds"),
    [
        (None, True),
        (TODAY + timedelta(1), True),
        (TODAY, True),
        (TODAY - timedelta(1), False),
        (date.min, False),
        (date.max, True),
    ],
)
def test_a_waiver_holds_through_its_last_day(expires, holds):
    waiver = Waiver("*", "*", "r", expires)
    assert (kept([result("x:y")], waiver) == []) is holds
    assert standing([result("x:y")], waiver) == ["used" if holds else "expired"]


def test_the_first_that_holds_gives_the_reason_and_none_is_called_unused():
    first, second = Waiver("*", "object:*", "first"), Waiver("*", "*", "second")
    (judged,) = waived([result("object:/a")], (first, second), TODAY)
    assert judged.findings[0].waived is first
    assert standing([result("object:/a")], first, second) == ["used", "used"]


def test_an_expired_one_leaves_the_finding_to_the_next():
    old = replace(LASTS, expires=date(2026, 1, 1))
    (judged,) = waived([result("object:/usr/a")], (old, LASTS), TODAY)
    assert judged.findings[0].waived is LASTS


@pytest.mark.parametrize(
    ("results", "is_whole", "expected"),
    [
        ([result("object:/usr/a")], True, "used"),
        ([result("object:/srv/a")], True, "unused"),
        ([result(outcome=Outcome.clean)], True, "unused"),
        ([result(outcome=Outcome.not_applicable)], True, "unused"),
        ([result(outcome=Outcome.not_run)], True, "not-judged"),
        ([result(outcome=Outcome.failed)], True, "not-judged"),
        ([], True, "not-judged"),
        ([result(outcome=Outcome.clean)], False, "not-judged"),
        ([result("object:/usr/a")], False, "used"),
    ],
)
def test_unused_is_said_only_where_it_is_known(results, is_whole, expected):
    assert standing(results, LASTS, is_whole=is_whole) == [expected]


def test_a_glob_over_checks_is_unused_only_when_all_of_them_ran():
    found = [result(outcome=Outcome.clean)]
    assert standing(found, Waiver("s*", "*", "r")) == ["not-judged"]
    both = [*found, result(name="stdin-read", outcome=Outcome.clean)]
    assert standing(both, Waiver("s*", "*", "r")) == ["unused"]


def test_a_waiver_of_no_check_at_all_is_unknown():
    assert standing([result("x:y")], Waiver("symbol-interposd", "*", "r")) == ["unknown"]


@pytest.mark.parametrize(("waivers", "status"), [((), 1), ((Waiver("*", "*", "r"),), 3)])
def test_what_is_waived_does_not_count_for_the_exit_status(waivers, status):
    found = replace(report(), results=waived(report().results, waivers, TODAY))
    assert found.exit_status(Severity.low) == status


WAIVERS = st.builds(
    Waiver,
    check=st.sampled_from(["*", "symbol-*", "stdin-read", "[", "[!a]*", "?", "**", "zzz"]),
    subject=st.sampled_from(["*", "object:*", "x:[", "[]]", "?:?", "x:*y"]),
    reason=st.just("r"),
    expires=st.none() | st.dates(),
)
SUBJECTS = st.text(alphabet="x:y[]*?\n\udcff", min_size=1)


@given(st.lists(WAIVERS), st.lists(SUBJECTS), st.dates())
def test_no_finding_is_lost_and_one_standing_is_given_for_each(waivers, subjects, today):
    found = [result(*subjects)]
    judged = waived(found, waivers, today)
    assert [each.subject for each in judged[0].findings] == subjects
    stand = standings(waivers, judged, ["symbol-interposed"], today)
    assert [each.waiver for each in stand] == waivers
    held = {id(each.waived) for each in judged[0].findings if each.waived}
    used = {id(each.waiver) for each in stand if each.standing.value == "used"}
    assert held <= used
