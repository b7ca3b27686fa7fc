"""`hostprobe topology` shows the limits of the control group that a real httpd is in."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from jsonschema import validate

import hostprobe.schemas
from tests.real.control_group import control_group
from tests.real.hosts import resident_memory_exceeds_limit as hosts
from tests.real.httpd import Httpd

pytestmark = pytest.mark.real
SCHEMA = Path(hostprobe.schemas.__file__).parent / "topology.schema.json"


def topology(httpd: Httpd, *options: str) -> str:
    command = [sys.executable, "-m", "hostprobe", "topology", "--config", str(httpd.config)]
    return subprocess.run(
        [*command, *options], capture_output=True, text=True, check=True, timeout=120
    ).stdout


def test_the_figures_are_those_of_the_group() -> None:
    with control_group("memory", hosts.LIMIT) as group, hosts.host(group) as httpd:
        assert httpd.get("/shop") == (200, "kept")
        data: dict[str, Any] = json.loads(topology(httpd, "--format", "json"))
        shown = topology(httpd)
    validate(data, json.loads(SCHEMA.read_text()))
    figures = {one["name"]: one for one in data["figures"]}
    assert figures["memory"]["limit"] == hosts.LIMIT
    assert figures["memory"]["source"] == str(group)
    assert 40 << 20 < figures["memory"]["used"] <= figures["memory"]["most"] <= hosts.LIMIT
    assert figures["context RSS"]["used"] > 40 << 20
    assert figures["disk"]["limit"] > 0
    assert "of 200 MB" in shown


def test_without_a_limit_there_are_none() -> None:
    with control_group("memory") as group, hosts.host(group) as httpd:
        assert json.loads(topology(httpd, "--format", "json"))["figures"] == []
