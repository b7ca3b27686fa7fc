"""The example of a foreign check is one that its readers can copy: it fires, and stays silent."""

import importlib
from dataclasses import replace
from pathlib import Path

import pytest

from hostprobe.check import Check
from hostprobe.facts.httpd import Where
from hostprobe.model.instance import ProcessGroup, Topology
from tests.model.linked_host import CONFIG, instance

EXAMPLE = Path(__file__).parent / "plugin_example"


@pytest.fixture
def foreign(monkeypatch):
    monkeypatch.syspath_prepend(str(EXAMPLE))
    module = importlib.import_module("house_checks.daemon_request_timeout")
    return module.daemon_request_timeout


def host(**options):
    group = ProcessGroup("shop", "www-data", None, 1, 15, options, Where(CONFIG, 5, 5), "")
    planned = instance()
    application = replace(planned.applications[0], process_group="shop")
    return Topology((replace(planned, process_groups=(group,), applications=(application,)),))


def test_it_fires_for_a_group_without_a_timeout(foreign):
    assert isinstance(foreign, Check)
    (finding,) = foreign.body(host())
    assert finding.subject == "process-group:shop"
    assert finding.affected == ("example.org/shop (/srv/shop.wsgi)",)
    assert f"{CONFIG}:5: add request-timeout=60" in finding.remedy


def test_it_is_silent_for_a_group_with_one(foreign):
    assert list(foreign.body(host(**{"request-timeout": "30"}))) == []
