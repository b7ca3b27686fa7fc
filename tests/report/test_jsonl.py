import json

from hostprobe.report.formats import render
from tests.report.documents import hostile_document, silent_document


def lines(document):
    return [json.loads(line) for line in render("jsonl", document).splitlines()]


def test_the_first_line_is_the_scan_and_each_other_one_finding():
    scan, *findings = lines(hostile_document())
    assert scan["type"] == "scan"
    assert not scan["complete"]
    assert len(scan["checks"]) == 6
    assert {"findings", "instances"}.isdisjoint(scan)
    assert [each["type"] for each in findings] == ["finding"] * 3


def test_each_finding_tells_its_host_and_its_scan_and_is_otherwise_as_it_was():
    document = hostile_document()
    for line, finding in zip(lines(document)[1:], document["findings"], strict=True):
        assert line["host"] == document["host"]["name"]
        assert line["started"] == document["started"]
        assert line.items() >= finding.items()


def test_a_hostile_name_makes_no_line_of_its_own():
    text = render("jsonl", hostile_document())
    assert text.isascii()
    assert text.count("\n") == 4
    assert text.endswith("}\n")
    assert "\x1b" not in text


def test_a_host_without_findings_still_has_its_scan():
    (scan,) = lines(silent_document())
    assert scan["complete"]
