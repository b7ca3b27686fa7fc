"""The PromQL of the shipped files."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

PROMETHEUS = Path(__file__).parents[2] / "packaging/prometheus"
VARIABLES = {"$job": ".*", "$instance": ".*", "$severity": ".*"}


def dashboard() -> dict:
    return json.loads((PROMETHEUS / "grafana-dashboard.json").read_text())


def dashboard_expressions(rate_interval: str = "5m") -> Iterator[str]:
    """Every `expr`, with the variables as Grafana puts them in for All."""
    for panel in dashboard()["panels"]:
        for target in panel["targets"]:
            text = target["expr"].replace("$__rate_interval", rate_interval)
            for name, value in VARIABLES.items():
                text = text.replace(name, value)
            assert "$" not in text, text
            yield text


def rule_expressions() -> Iterator[str]:
    text = (PROMETHEUS / "hostprobe.rules.yml").read_text()
    yield from re.findall(r"^\s+expr: (.+)$", text, re.MULTILINE)
