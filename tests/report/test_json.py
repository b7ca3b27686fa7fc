import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

import hostprobe
from hostprobe.report.figures import figure_data
from hostprobe.report.json import host_data, render_json, report_data
from hostprobe.report.topology import instance_data
from tests.report.golden_files import assert_golden
from tests.report.sample import HOSTILE, figures, instance, report, waived_report

SCHEMAS = Path(hostprobe.__file__).parent / "schemas"


def validate(name, text):
    schema = json.loads((SCHEMAS / f"{name}.schema.json").read_text())
    Draft202012Validator(schema).validate(json.loads(text))


def test_the_report_is_as_agreed_and_as_its_schema_says():
    shown = render_json(report_data(report()))
    assert shown.isascii()
    validate("report", shown)
    assert_golden("report.json", shown)


def test_the_topology_is_as_its_schema_says():
    data = {
        "schema": 1,
        "hostprobe": "0",
        "host": host_data(report().host),
        "figures": [figure_data(figure) for figure in figures()],
        "instances": [instance_data(instance())],
    }
    validate("topology", render_json(data))


def test_one_environment_of_two_applications_stands_there_once():
    data = instance_data(instance())
    assert len(data["environments"]) == 1
    assert [each["environment"] for each in data["applications"]] == [0, 0, None]
    assert data["applications"][2]["environment_reason"] == "/opt/python: no such file"


@pytest.mark.parametrize("path", sorted(SCHEMAS.glob("*.json")), ids=lambda path: path.name)
def test_every_schema_is_one_and_closed(path):
    schema = json.loads(path.read_text())
    Draft202012Validator.check_schema(schema)
    assert schema["additionalProperties"] is False


def test_every_severity_is_counted():
    summary = report_data(report())["summary"]
    assert summary == {"critical": 1, "high": 0, "medium": 0, "low": 1, "info": 1, "waived": 0}


def test_waivers_and_a_baseline_stand_in_the_report():
    data = report_data(waived_report())
    validate("report", render_json(data))
    assert [(each["waived"], each["baseline"]) for each in data["findings"]] == [
        ({"reason": f"nobody uses it {HOSTILE}", "expires": "2026-12-31"}, "new"),
        (None, "unchanged"),
        (None, "new"),
    ]
    assert [each["standing"] for each in data["waivers"]] == [
        "used", "unused", "expired", "unknown", "not-judged",
    ]  # fmt: skip
    assert data["summary"] == {
        "critical": 0, "high": 0, "medium": 0, "low": 1, "info": 1, "waived": 1,
    }  # fmt: skip
