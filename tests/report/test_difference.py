import json
from dataclasses import replace

from hostprobe.check import Severity
from hostprobe.engine import Outcome
from hostprobe.model.difference import between, difference
from hostprobe.parse.baseline import parse_baseline
from hostprobe.report.baseline import baseline_data
from hostprobe.report.difference import difference_data, render_difference
from hostprobe.report.json import document_of, render_json
from hostprobe.report.lines import to_text
from tests.report.golden_files import assert_golden, assert_no_surprise
from tests.report.sample import HOSTILE, findings, report, waived_report
from tests.report.test_json import validate


def reports():
    """Two of one host: of its findings one disappears, one gets worse, one is waived."""
    old = report()
    first, second, third = findings()
    worse = replace(third, severity=Severity.high)
    other = replace(first, subject=f"object:other {HOSTILE}")
    results = [replace(old.results[0], findings=(replace(second, subject="host:z"), worse, other))]
    results.append(replace(old.results[1], outcome=Outcome.not_run, reason=f"/x/{HOSTILE}"))
    new = replace(old, started="2026-01-02T00:00:00Z", results=(*results, *old.results[2:]))
    return document_of(old), document_of(new)


def text(old, new, found):
    return "".join(f"{line}\n" for line in to_text(render_difference(old, new, found), 100))


def test_a_difference_is_as_agreed_and_as_its_schema_says():
    old, new = reports()
    found = between(old, new)
    shown = text(old, new, found)
    assert_no_surprise(shown)
    assert_golden("difference.txt", shown)
    data = render_json(difference_data(old, new, found))
    validate("diff", data)
    assert_golden("difference.json", data)


def test_waived_findings_are_told_as_such():
    old, new = document_of(report()), document_of(waived_report())
    found = between(old, new)
    assert text(old, new, found).splitlines()[1].startswith("WAIVED CRITICAL Python's readline")
    validate("diff", render_json(difference_data(old, new, found)))


def test_two_equal_reports_have_no_difference():
    old, _ = reports()
    assert text(old, old, between(old, old)).endswith("\nNothing changed.\n")


def test_two_hosts_are_named():
    old, new = reports()
    other = {**new, "host": {**new["host"], "name": "web2"}}
    told = " ".join(text(old, other, between(old, other)).split())
    assert ", 2026-01-01T00:00:00Z -> web2, 2026-01-02T00:00:00Z APPEARED" in told


def test_a_baseline_compared_with_its_own_report_has_nothing_new():
    document = document_of(report())
    known = parse_baseline(render_json(baseline_data(document)).encode())
    found = difference(known, document)
    assert not found.is_worse
    assert text(None, document, found).endswith(
        "baseline -> 2026-01-01T00:00:00Z\nNothing changed.\n"
    )


def test_a_comparison_with_a_baseline_is_as_the_schema_says():
    old, new = reports()
    known = parse_baseline(render_json(baseline_data(old)).encode())
    found = difference(known, new)
    data = render_json(difference_data(None, new, found))
    validate("diff", data)
    assert len(json.loads(data)["disappeared"]) == 2
    assert "DISAPPEARED INFO [symbol-interposed] host:x" in text(None, new, found)


def test_a_baseline_is_the_same_whatever_the_order_and_the_time():
    old = report()
    turned = replace(
        old,
        started="2030-01-01T00:00:00Z",
        duration=9.0,
        results=(replace(old.results[0], findings=tuple(reversed([*findings()]))),),
    )
    written = render_json(baseline_data(document_of(old)))
    assert written == render_json(baseline_data(document_of(turned)))
    validate("baseline", written)
    assert_golden("baseline.json", written)


def test_a_waived_finding_is_not_written_down_as_known():
    data = baseline_data(document_of(waived_report()))
    assert [each["subject"] for each in data["findings"]] == ["host:x", "host:y"]
