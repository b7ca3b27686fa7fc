from dataclasses import replace

import pytest

from hostprobe.check import Certainty, Finding, Severity, check
from hostprobe.engine import Needs, Outcome, Report, Result, broken_results, run
from hostprobe.facts.files import Absent, Missing
from hostprobe.facts.host import HostIdentity
from hostprobe.facts.httpd import Configuration, HttpdStart, Problem
from hostprobe.model.instance import Instance

HOST = HostIdentity("web1", "Linux 9", None, "x86_64", "/", is_live=True, privileged=True)
FINDING = Finding("object:/a", "It is wrong", Severity.high, Certainty.certain)


@check(Severity.high)
def counts_words(words: list):
    """A check that fires once per word."""
    for word in words:
        yield Finding(f"word:{word}", word, Severity.low, Certainty.certain)


@check(Severity.high)
def crashes_late(words: list):
    """A check that fails after its first finding."""
    yield FINDING
    raise KeyError(words[0])


@check(Severity.high)
def needs_two(words: list, size: int):
    """A check with two needs."""
    yield from ()


def fail():
    raise RuntimeError("the model broke")


def outcomes(checks, **values):
    providers = {list: values.get("words"), int: values.get("size")}
    needs = Needs(None, {kind: make for kind, make in providers.items() if make})
    return [(result.outcome.value, result.reason) for result in run(checks, needs)]


@pytest.mark.parametrize(
    ("words", "outcome", "reason"),
    [
        (list, "clean", None),
        (lambda: ["a"], "found", None),
        (lambda: Missing("/x: permission denied"), "not-run", "/x: permission denied"),
        (lambda: Absent("no httpd is installed"), "not-applicable", "no httpd is installed"),
    ],
)
def test_what_a_check_gets_decides_its_outcome(words, outcome, reason):
    found = outcomes([counts_words], words=lambda _: words())
    assert found == [(outcome, reason)]


def test_a_crash_is_a_failure_and_never_a_finding():
    (result,) = run([crashes_late], Needs(None, {list: lambda _: ["x"]}))
    assert result.outcome is Outcome.failed
    assert result.reason.startswith("KeyError: 'x' (test_engine.py:")
    assert result.findings == ()


def test_a_failing_check_does_not_stop_the_next():
    found = outcomes([crashes_late, counts_words], words=lambda _: ["x"])
    assert [outcome for outcome, _ in found] == ["failed", "found"]


def test_a_failing_provider_is_asked_once_and_fails_every_check_that_needs_it():
    asked = []

    def provide(_):
        asked.append(1)
        fail()

    found = outcomes([counts_words, needs_two], words=provide, size=lambda _: 1)
    assert len(asked) == 1
    assert [outcome for outcome, _ in found] == ["failed", "failed"]
    assert found[0][1].startswith("RuntimeError: the model broke")


def test_a_need_that_nothing_provides_is_a_failure():
    assert outcomes([counts_words]) == [("failed", "LookupError: nothing provides list")]


@pytest.mark.parametrize(
    ("words", "size", "outcome"),
    [
        (Missing("m"), Absent("a"), "not-applicable"),
        (Missing("m"), 1, "not-run"),
        (Absent("a"), RuntimeError("r"), "failed"),
    ],
)
def test_of_several_obstacles_the_one_that_says_most_counts(words, size, outcome):
    def provide(value):
        def answer(_):
            if isinstance(value, Exception):
                raise value
            return value

        return answer

    ((found, _),) = outcomes([needs_two], words=provide(words), size=provide(size))
    assert found == outcome


def report(*results, problems=()):
    start = HttpdStart("/usr/sbin/apache2", "/c", "/")
    configuration = Configuration(start, (), (), (), problems)
    instance = Instance("/c", Missing("x"), configuration, (), ())
    return Report("0", HOST, "2026-01-01T00:00:00Z", 0.1, (instance,), results)


def result(outcome, *severities):
    findings = tuple(Finding("x:y", "t", each, Certainty.certain) for each in severities)
    return Result("c", outcome, counts_words, None, 0.0, findings)


CLEAN, NOT_RUN = result(Outcome.clean), result(Outcome.not_run)
FAILED, ABSENT = result(Outcome.failed), result(Outcome.not_applicable)


@pytest.mark.parametrize(
    ("results", "fail_on", "status"),
    [
        ([CLEAN, ABSENT], Severity.high, 0),
        ([CLEAN, NOT_RUN], Severity.high, 3),
        ([FAILED], Severity.info, 3),
        ([result(Outcome.found, Severity.medium)], Severity.high, 0),
        ([result(Outcome.found, Severity.medium)], Severity.medium, 1),
        ([result(Outcome.found, Severity.low, Severity.critical), NOT_RUN], Severity.high, 1),
        ([result(Outcome.found, Severity.low), NOT_RUN], Severity.high, 3),
    ],
)
def test_findings_win_over_incomplete(results, fail_on, status):
    assert report(*results).exit_status(fail_on) == status


def test_a_configuration_that_could_not_be_read_whole_is_incomplete():
    problem = Problem("cannot be read", None)
    assert report(CLEAN, problems=(problem,)).exit_status(Severity.high) == 3


def test_the_worst_and_surest_stand_first():
    sure = Finding("a:1", "t", Severity.high, Certainty.certain)
    likely = Finding("a:2", "t", Severity.high, Certainty.likely)
    low = Finding("a:3", "t", Severity.low, Certainty.observed)
    found = Result("c", Outcome.found, counts_words, None, 0.0, (low, likely, sure))
    assert [finding for _, finding in report(found).findings()] == [sure, likely, low]


def test_a_check_that_cannot_be_loaded_stands_in_the_report():
    (found,) = broken_results({"bad-check": "SyntaxError: x"})
    assert (found.id, found.outcome, found.reason) == (
        "bad-check",
        Outcome.failed,
        "SyntaxError: x",
    )


def test_what_could_not_be_read_makes_a_scan_incomplete():
    spoiled = replace(report(CLEAN), unread=("/x: not a regular file",))
    assert spoiled.exit_status(Severity.high) == 3


def test_problems_of_what_the_configuration_names_count_too():
    one = report(CLEAN)
    named = replace(one.instances[0], problems=(Problem("/x.ini: cannot be read", None),))
    assert replace(one, instances=(named,)).exit_status(Severity.high) == 3


KNOWN = counts_words.fingerprint(FINDING)


@pytest.mark.parametrize(
    ("known", "novelty", "status"),
    [
        (None, None, 1),
        ({}, "new", 1),
        ({KNOWN: Severity.high}, "unchanged", 0),
        ({KNOWN: Severity.critical}, "unchanged", 0),
        ({KNOWN: Severity.medium}, "updated", 1),
        ({"0" * 16: Severity.high}, "new", 1),
    ],
)
def test_what_a_baseline_knows_does_not_count_unless_it_got_worse(known, novelty, status):
    results = (Result("counts-words", Outcome.found, counts_words, findings=(FINDING,)),)
    found = Report("0", HOST, "", 0.0, (), results, known=known)
    said = found.novelty(counts_words, FINDING)
    assert (said and said.value) == novelty
    assert found.exit_status(Severity.high) == status
