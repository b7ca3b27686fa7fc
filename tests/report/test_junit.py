from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import xmlschema
from hypothesis import given
from hypothesis import strategies as st

from hostprobe.report.formats import render
from tests.report.documents import (
    FOREIGN,
    document,
    hostile_document,
    silent_document,
    waived_document,
)
from tests.report.golden_files import assert_golden, assert_no_surprise

SCHEMA = xmlschema.XMLSchema(Path(__file__).parent / "schemas/junit-10.xsd")


def suites(found):
    text = render("junit", found)
    SCHEMA.validate(text)
    assert_no_surprise(text)
    return {suite.get("name"): suite for suite in ET.fromstring(text)}


def cases(found):
    return {case.get("name"): case for case in suites(found)["hostprobe.checks"]}


def test_the_schema_refuses_what_is_no_junit():
    assert not SCHEMA.is_valid("<testsuites><testsuite/></testsuites>")


@pytest.mark.parametrize(
    "make", [document, hostile_document, silent_document], ids=lambda make: make.__name__
)
def test_the_report_is_as_the_schema_says(make):
    assert set(suites(make())) == {"hostprobe.checks", "hostprobe.scan"}


def test_the_report_is_as_agreed():
    assert_golden("report.junit.xml", render("junit", hostile_document()))


def test_each_check_is_one_case_and_its_outcome_an_element():
    found = cases(document())
    assert list(found) == [check["id"] for check in document()["checks"]]
    told = {name: [each.tag for each in case] for name, case in found.items()}
    assert told == {
        "symbol-interposed": ["failure", "system-out"],
        "expat-interposed": [],
        "openssl-mixed": ["skipped"],
        "lost-check": ["error"],
        "acl-denied": ["skipped"],
        "acl-other": ["skipped"],
    }
    assert found["openssl-mixed"][0].get("type") == "not-run"
    assert found["acl-denied"][0].get("type") == "not-applicable"


def test_the_numbers_are_those_of_the_cases():
    suite = suites(document())["hostprobe.checks"]
    numbers = [suite.get(key) for key in ("tests", "failures", "errors", "skipped")]
    assert numbers == ["6", "1", "1", "3"]
    root = ET.fromstring(render("junit", document()))
    assert [root.get(key) for key in ("tests", "failures", "errors")] == ["7", "1", "2"]


def test_all_findings_of_a_check_stand_in_one_failure():
    failure = cases(document())["symbol-interposed"].find("failure")
    assert failure.get("type") == "critical"
    assert failure.get("message").endswith("libreadline.so.8 (and 1 more)")
    assert "LOW A small thing [observed]" in failure.text
    assert "1. phpdismod -s apache2 readline" in failure.text


def test_remarks_and_waived_findings_pass_and_are_still_told():
    case = cases(document(waived=[0, 1]))["symbol-interposed"]
    assert [each.tag for each in case] == ["system-out"]
    assert "Waived: a\\nb" in case[0].text
    assert "INFO A remark" in case[0].text


def test_what_was_not_read_is_an_error_of_the_scan():
    (case,) = suites(hostile_document())["hostprobe.scan"]
    error, remarks = case
    assert (error.tag, remarks.tag) == ("error", "system-out")
    assert "1. /srv/x: permission denied" in error.text
    assert "no MPM" in error.text


def test_waivers_to_look_at_are_told_and_fail_nothing():
    found = waived_document() | {"unread": [], "instances": []}
    (case,) = suites(found)["hostprobe.scan"]
    assert [each.tag for each in case] == ["system-out"]
    assert case[0].text.count("\n") == 3


def test_a_silent_host_passes():
    root = ET.fromstring(render("junit", silent_document()))
    assert [root.get(key) for key in ("tests", "failures", "errors")] == ["7", "0", "0"]


def test_hostile_names_stay_text():
    failure = cases(hostile_document())["symbol-interposed"].find("failure")
    assert "]]></script>&amp; @nobody" in failure.get("message")
    assert "\\x1b[31m\\xff" in failure.text
    assert FOREIGN.count("\n") == failure.get("message").count("\\n")


@given(st.text(st.characters(exclude_categories=("Cs",))))
def test_any_name_gives_well_formed_xml(name):
    found = document()
    found["findings"][0] |= {"title": name, "subject": name, "affected": [name]}
    found["host"]["name"] = name
    root = ET.fromstring(render("junit", found).encode())
    assert root[0].get("tests") == "6"
