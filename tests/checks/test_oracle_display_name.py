"""Process titles with parentheses beside Oracle's client library."""

from dataclasses import replace

import pytest
from hostprobe_checks.oracle_display_name import oracle_display_name

from hostprobe.check import Certainty, Severity
from hostprobe.facts.httpd import Where
from hostprobe.model.instance import Extension, ProcessGroup, Topology
from hostprobe.model.python.doing import Applications
from hostprobe.model.python.own_module import OwnModule, Reached
from hostprobe.model.running.processes import Role, Running, RunningProcess
from tests.model.linked_host import CONFIG, instance
from tests.model.memory_files import MemoryFiles
from tests.model.running.builder import process

ORACLE = Extension("cx_Oracle", "/venv/lib/python3.11/site-packages/cx_Oracle.so")


def group(name="orders", **options):
    options = {key.replace("_", "-"): value for key, value in options.items()}
    return ProcessGroup(name, "www-data", None, 1, 15, options, Where(CONFIG, 5, 5), "")


def host(one, *, imports=(ORACLE,), member="orders", called=None):
    """An instance whose application is in the group `member`; a daemon runs as `called`."""
    planned = instance()
    own = (OwnModule("/srv/shop.wsgi", "", Reached.SCRIPT),)
    application = replace(planned.applications[0], process_group=member, reachable=imports, own=own)
    processes = None
    if called:
        daemon = RunningProcess(process(8, parent=7, command=(called,)), Role.DAEMON, one.name)
        processes = Running((RunningProcess(process(7), Role.PARENT), daemon))
    return replace(planned, process_groups=(one,), applications=(application,), running=processes)


def run(one, script="", **changes):
    files = MemoryFiles({"/srv/shop.wsgi": script})
    topology = Topology((host(one, **changes),))
    return list(oracle_display_name.body(Applications(files, topology)))


def test_it_fires_for_the_name_of_the_group():
    (finding,) = run(group(display_name="%{GROUP}"))
    assert (finding.severity, finding.certainty) == (Severity.high, Certainty.likely)
    assert finding.evidence["process_title"] == "(wsgi:orders)"
    assert finding.affected == ("example.org/shop (/srv/shop.wsgi)",)
    assert "write display-name=wsgi:orders" in finding.remedy[0]


@pytest.mark.parametrize("name", ["(orders)", "orders (live)", "orders)"])
def test_it_fires_for_parentheses_that_are_written(name):
    (finding,) = run(group(display_name=name))
    assert finding.evidence["process_title"] == name


def test_it_fires_for_a_title_whose_end_is_cut_off():
    (finding,) = run(group("orders-of-europe", display_name="%{GROUP}"), member="orders-of-europe")
    assert finding.evidence["process_title"] == "(wsgi:orders-of-e"


def test_it_fires_for_thick_mode():
    script = "import oracledb as db\ndef connect():\n    db.init_oracle_client(lib_dir='/opt')\n"
    thick = Extension("oracledb.thick_impl", "/o.so")
    (finding,) = run(group(display_name="%{GROUP}"), script, imports=(thick,))
    assert finding.evidence["clients"] == ["/srv/shop.wsgi:3"]
    assert finding.title == "oracledb cannot connect from a process that is called (wsgi:orders)"


def test_it_is_observed_where_a_daemon_is_called_so():
    (finding,) = run(group(display_name="%{GROUP}"), called="(wsgi:orders)    ")
    assert finding.certainty is Certainty.observed


def test_a_daemon_from_before_the_change_is_no_observation():
    (finding,) = run(group(display_name="%{GROUP}"), called="/usr/sbin/apache2")
    assert finding.certainty is Certainty.likely


@pytest.mark.parametrize(
    ("one", "changes"),
    [
        (group(display_name="orders"), {}),
        (group(display_name="[orders]"), {}),
        (group(), {}),
        (group(display_name="orders-of-europe-(live)"), {}),
        (group(display_name="%{GROUP}"), {"imports": ()}),
        (
            group(display_name="%{GROUP}"),
            {"imports": (Extension("oracledb.thick_impl", "/o.so"),), "script": "import oracledb"},
        ),
        (group(display_name="%{GROUP}"), {"member": "other"}),
        (group(display_name="%{GROUP}"), {"member": ""}),
    ],
    ids=[
        "plain",
        "square",
        "none",
        "cut away",
        "no client",
        "thin mode",
        "other group",
        "embedded",
    ],
)
def test_it_is_silent(one, changes):
    assert run(one, **changes) == []
