"""The shipped rules and dashboard, judged by promtool."""

import json
import re

import pytest

from hostprobe.exporter.bcrypt import cost
from hostprobe.exporter.tls import require_together
from hostprobe.parse.settings import parse_settings
from hostprobe.report.formats import render
from tests.exporter.sample import stored
from tests.packaging.expressions import (
    PROMETHEUS,
    dashboard,
    dashboard_expressions,
    rule_expressions,
)
from tests.real.prometheus import promtool

pytestmark = pytest.mark.real
NAME = re.compile(r"\b(?:\w+:)?hostprobe_\w+(?::\w+)?")


@pytest.mark.parametrize(
    ("command", "name"), [("check", "hostprobe.rules.yml"), ("test", "hostprobe.rules.test.yml")]
)
def test_promtool_takes_the_rules_and_their_own_tests_pass(command, name):
    done = promtool(command, "rules", PROMETHEUS / name)
    assert done.returncode == 0, done.stdout + done.stderr


def test_promtool_finds_no_fault_in_a_report_of_hostile_names(tmp_path):
    done = promtool("check", "metrics", text=render("prometheus", stored(tmp_path / "report.json")))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_promtool_takes_the_example(tmp_path):
    for name in ("prometheus.yml", "hostprobe.rules.yml"):
        (tmp_path / name).write_bytes((PROMETHEUS / name).read_bytes())
    for name in ("hostprobe-ca.pem", "hostprobe-password"):
        (tmp_path / name).touch()
    done = promtool("check", "config", tmp_path / "prometheus.yml")
    assert done.returncode == 0, done.stdout + done.stderr


def test_promtool_takes_every_expression_of_the_dashboard(tmp_path):
    found = list(dashboard_expressions())
    assert len(found) >= len(dashboard()["panels"])
    rules = [{"record": f"panel:{number}", "expr": expr} for number, expr in enumerate(found)]
    path = tmp_path / "rules.yml"
    path.write_text(json.dumps({"groups": [{"name": "dashboard", "rules": rules}]}))
    done = promtool("check", "rules", path)
    assert f"{len(found)} rules found" in done.stdout, done.stdout + done.stderr


def test_only_metrics_that_exist_are_asked_for(tmp_path):
    text = render("prometheus", stored(tmp_path / "report.json"))
    exist = set(re.findall(r"^# TYPE (\w+)", text, re.MULTILINE))
    exist |= {"hostprobe_report_available", "hostprobe_scans_total", "hostprobe_scan_errors_total"}
    asked = {n for e in (*dashboard_expressions(), *rule_expressions()) for n in NAME.findall(e)}
    assert asked <= exist, asked - exist


def test_the_dashboard_fits_any_grafana():
    data = dashboard()
    assert (data["uid"], data["id"]) == ("hostprobe-overview", None)
    assert data["schemaVersion"] >= 36
    variables = {each["name"]: each["type"] for each in data["templating"]["list"]}
    assert variables.pop("datasource") == "datasource"
    assert set(variables) == {"job", "instance", "severity"}
    ids = [panel["id"] for panel in data["panels"]]
    assert len(set(ids)) == len(ids)
    sources = re.findall(r'"datasource": \{[^}]*"uid": "([^"]*)"', json.dumps(data))
    assert set(sources) == {"${datasource}"}


def test_the_example_settings_are_settings_and_their_placeholder_opens_nothing():
    settings = parse_settings((PROMETHEUS / "exporter.toml").read_bytes()).exporter
    assert settings.listen_address == ("192.0.2.10:19460",)
    require_together(settings.tls_server_config)
    with pytest.raises(ValueError, match="not a bcrypt hash"):
        cost(settings.basic_auth_users["prometheus"])
