import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from hostprobe.report.formats import render
from hostprobe.report.json import document_of
from hostprobe.report.prometheus import MOST_SONAMES, SEVERITIES, STATES, label
from tests.report.golden_files import assert_golden
from tests.report.sample import report


def document(**values):
    return json.loads(json.dumps(document_of(report()))) | values


def samples(data):
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(render("prometheus", data))
        for sample in family.samples
    }


def finding(soname, **values):
    evidence = {"losers": [{"soname": soname}]}
    return {**document()["findings"][0], "evidence": evidence, **values}


def test_the_metrics_are_as_agreed():
    assert_golden("report.prom", render("prometheus", document_of(report())))


def test_a_zero_stands_for_every_check_and_severity():
    found = samples(document())
    findings = {key: value for key, value in found.items() if key[0] == "hostprobe_findings"}
    ids = {check["id"] for check in document()["checks"]}
    assert set(findings) == {("hostprobe_findings", i, s) for i in ids for s in SEVERITIES}
    assert sum(findings.values()) == 3
    assert findings["hostprobe_findings", "symbol-interposed", "critical"] == 1
    assert findings["hostprobe_findings", "expat-interposed", "critical"] == 0


def test_the_state_of_each_check_and_how_many_ran():
    found = samples(document())
    for check in document()["checks"]:
        assert found["hostprobe_check_state", check["id"]] == STATES[check["outcome"]]
    assert found["hostprobe_scan_coverage_ratio",] == 4 / 6
    assert samples(document(checks=[]))["hostprobe_scan_coverage_ratio",] == 0


def test_the_time_is_that_of_the_end_of_the_scan():
    data = document(started="2026-01-01T00:00:00Z", duration_seconds=2.5, complete=True)
    found = samples(data)
    began = datetime(2026, 1, 1, tzinfo=UTC).timestamp()
    assert found["hostprobe_last_scan_timestamp_seconds",] == began + 2.5
    assert found["hostprobe_scan_duration_seconds",] == 2.5
    assert found["hostprobe_last_scan_complete",] == 1


def test_a_waived_finding_counts_apart():
    waived = {"reason": "known", "expires": None}
    data = document(findings=[finding("a.so"), finding("b.so", waived=waived)])
    found = samples(data)
    assert found["hostprobe_findings", "symbol-interposed", "critical"] == 1
    assert found["hostprobe_findings_waived",] == 1
    assert ("hostprobe_library_conflicts", "b.so") not in found


def test_the_number_of_sonames_has_an_end_and_the_most_frequent_stay():
    often = [finding("often.so")] * 3
    data = document(findings=[*(finding(f"{n}.so") for n in range(80)), *often])
    found = samples(data)
    kept = [key for key in found if key[0] == "hostprobe_library_conflicts"]
    assert len(kept) == MOST_SONAMES
    assert found["hostprobe_library_conflicts", "often.so"] == 3
    assert found["hostprobe_library_conflicts_dropped",] == 31


@pytest.mark.parametrize(
    "losers", [None, 3, "x", {}, [3], [{}], [{"soname": None}], [{"soname": ["x"]}]]
)
def test_evidence_of_another_shape_names_no_library(losers):
    data = document(findings=[finding("x", evidence={"losers": losers})])
    assert not [key for key in samples(data) if key[0] == "hostprobe_library_conflicts"]


def test_foreign_text_is_one_short_visible_label():
    names = ['a\nb\x1b[31m\u202e"\\', "long" * 100, "long" * 101]
    text = render("prometheus", document(findings=[finding(name) for name in names]))
    assert all(char.isprintable() for line in text.splitlines() for char in line)
    found = samples(document(findings=[finding(name) for name in names]))
    assert found["hostprobe_library_conflicts", "long" * 32] == 2
    assert found["hostprobe_library_conflicts", r"a\nb\x1b[31m\u202e" + '"\\'] == 1


@given(st.lists(st.text(min_size=1), min_size=1, max_size=4))
def test_any_soname_comes_back_from_a_parser_as_its_label(names):
    found = samples(document(findings=[finding(name) for name in names]))
    kept = {key[1] for key in found if key[0] == "hostprobe_library_conflicts"}
    assert kept == {label(name) for name in names}
