"""A real Prometheus scrapes the exporter; real alerts fire and reach a real Alertmanager."""

from __future__ import annotations

import json
import re
import shutil
import ssl
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.packaging.expressions import dashboard_expressions
from tests.real.certificates import issue, make_authority
from tests.real.exporter import HASH, PASSWORD, Exporter, change, store_sample
from tests.real.prometheus import (
    RULES,
    Prometheus,
    alertmanager,
    fetched,
    node_exporter,
    prometheus,
    promtool,
    wait_for,
)

pytestmark = pytest.mark.real
LOGIN = {"Authorization": "Basic " + b64encode(f"prometheus:{PASSWORD}".encode()).decode()}
CONFIGURATION = """
global: {{scrape_interval: 1s, evaluation_interval: 1s}}
rule_files: [rules.yml]
alerting: {{alertmanagers: [{{static_configs: [{{targets: ["{alertmanager}"]}}]}}]}}
scrape_configs:
- job_name: hostprobe
  scheme: https
  tls_config: {{ca_file: {authority}}}
  basic_auth: {{username: prometheus, password: {password}}}
  static_configs: [{{targets: ["127.0.0.1:{new}", "127.0.0.1:{old}"]}}]
- job_name: intruder
  scheme: https
  tls_config: {{ca_file: {authority}}}
  basic_auth: {{username: prometheus, password: guessed}}
  static_configs: [{{targets: ["127.0.0.1:{old}"], labels: {{instance: intruder}}}}]
- job_name: node
  static_configs: [{{targets: ["{node}"], labels: {{instance: node}}}}]
"""


class Site:
    """A fresh report, one of the last year, a textfile, and all that watches them."""

    def __init__(self, prometheus: Prometheus, new: Exporter, old: Exporter, alerts: str) -> None:
        self.prometheus = prometheus
        self.new = new
        self.old = old
        self.alerts = alerts

    def instance(self, exporter: Exporter) -> str:
        return f"127.0.0.1:{exporter.port}"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("site")
    authority = make_authority(folder)
    served = issue(authority, "exporter")
    settings = f"""
[exporter.tls_server_config]
cert_file = "{served.cert}"
key_file = "{served.key}"
[exporter.basic_auth_users]
prometheus = "{HASH}"
"""
    store_sample(folder / "new")
    shutil.copytree(folder / "new", folder / "old")
    change(folder / "old", started="2025-11-27T00:00:00Z", complete=False)
    write_quick_rules(folder)
    write_textfile(folder)
    tls = ssl.create_default_context(cafile=str(authority.cert))
    with (
        Exporter(folder / "new", settings, tls=tls) as new,
        Exporter(folder / "old", settings, tls=tls) as old,
        alertmanager(folder) as alerts,
        node_exporter(folder, folder / "textfiles") as node,
        prometheus(
            folder,
            CONFIGURATION.format(
                alertmanager=alerts.removeprefix("http://"),
                node=node.removeprefix("http://"),
                authority=authority.cert,
                password=PASSWORD,
                new=new.port,
                old=old.port,
            ),
        ) as server,
    ):
        yield Site(server, new, old, alerts)


def write_quick_rules(folder: Path) -> None:
    """The rules as they are shipped, but for the patience of their alerts."""
    text = (RULES / "hostprobe.rules.yml").read_text()
    quick, count = re.subn(r"for: \w+", "for: 1s", text)
    assert count == text.count("alert: ")
    (folder / "rules.yml").write_text(quick)


def write_textfile(folder: Path) -> None:
    from hostprobe.cli import main

    (folder / "textfiles").mkdir(mode=0o755)
    target = folder / "textfiles/hostprobe.prom"
    report = str(folder / "new/report.json")
    assert main(["report", report, "--format", "prometheus", "--output", str(target)]) == 0
    assert target.stat().st_mode & 0o777 == 0o644


def test_prometheus_scrapes_over_tls_with_its_password_only(site: Site) -> None:
    up = wait_for(
        "three targets",
        lambda: (
            len(health := site.prometheus.health()) == 4
            and not any(state.startswith("unknown") for state in health.values())
            and health
        ),
    )
    assert up.pop("intruder").startswith("down server returned HTTP status 4")
    assert set(up.values()) == {"up"}
    found = wait_for("samples", lambda: site.prometheus.query("hostprobe_findings > 0"))
    seen = {(each["metric"]["instance"], each["metric"]["check"]) for each in found}
    assert (site.instance(site.new), "symbol-interposed") in seen
    assert ("node", "symbol-interposed") in seen
    zeros = site.prometheus.query('hostprobe_findings{job="hostprobe"} == 0')
    assert len(zeros) > 2 * 300


def test_a_critical_finding_and_a_stale_scan_reach_the_alertmanager(site: Site) -> None:
    new, old = site.instance(site.new), site.instance(site.old)
    expected = {
        ("HostprobeCriticalFinding", new),
        ("HostprobeCriticalFinding", old),
        ("HostprobeScanStale", old),
        ("HostprobeScanIncomplete", old),
    }
    wait_for("alerts", lambda: expected <= site.prometheus.firing())
    assert not {("HostprobeScanStale", new), ("HostprobeExporterDown", new)} & (
        site.prometheus.firing()
    )

    def arrived() -> bool:
        alerts = json.loads(fetched(f"{site.alerts}/api/v2/alerts"))
        names = {(each["labels"]["alertname"], each["labels"]["instance"]) for each in alerts}
        return expected <= names

    wait_for("alerts in the Alertmanager", arrived)


def test_a_cured_host_ends_its_alert_and_a_broken_report_begins_one(site: Site) -> None:
    old = site.instance(site.old)
    wait_for("alert", lambda: ("HostprobeCriticalFinding", old) in site.prometheus.firing())
    change(site.old.state, findings=[])
    wait_for("its end", lambda: ("HostprobeCriticalFinding", old) not in site.prometheus.firing())
    (site.old.state / "report.json").write_text('{"schema": 1, "hostp')
    wait_for("alert", lambda: ("HostprobeReportMissing", old) in site.prometheus.firing())
    assert ("HostprobeScanStale", old) not in site.prometheus.firing()


def test_every_panel_of_the_dashboard_has_data(site: Site) -> None:
    """With the variables at All, as Grafana sends them."""
    wait_for("recorded", lambda: site.prometheus.query("job_severity:hostprobe_findings:sum"))
    for expression in dashboard_expressions(rate_interval="10s"):
        wait_for(expression, lambda query=expression: site.prometheus.query(query))


@pytest.mark.parametrize("accept", ["text/plain", "application/openmetrics-text;version=1.0.0"])
def test_promtool_finds_no_fault_in_the_metrics(site: Site, accept: str) -> None:
    status, header, text = site.new.get("/metrics", {"Accept": accept, **LOGIN})
    assert (status, header["Content-Type"].partition(";")[0]) == (200, accept.partition(";")[0])
    if accept == "text/plain":
        checked = promtool("check", "metrics", text=text.decode())
        assert (checked.returncode, checked.stdout, checked.stderr) == (0, "", "")
    else:
        assert text.endswith(b"# EOF\n")
