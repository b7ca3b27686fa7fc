"""httpd's children and mod_wsgi's daemons are root, planned or seen."""

import pytest
from hostprobe_checks.apache_runs_as_root import apache_runs_as_root

from hostprobe.check import Certainty, Severity
from hostprobe.facts.httpd import ModuleLoad, Where
from hostprobe.facts.process import HttpdProcess
from hostprobe.model.instance import Topology
from hostprobe.model.running.processes import Role, Running, RunningProcess
from tests.model.linked_host import CONFIG
from tests.model.permitted import USUAL, group, one_instance, permitted


def process(pid, role, uid, name=None):
    facts = HttpdProcess(pid, 1, 1, uid, 0.0, "/usr/sbin/apache2", (), None, ())
    return RunningProcess(facts, role, name)


def run(said=USUAL, *, groups=(), processes=(), **changes):
    running = Running(processes) if processes else None
    one = one_instance(said=said, groups=groups, running=running, **changes)
    users = permitted(one).users
    return list(apache_runs_as_root.body(Topology((one,)), users))


@pytest.mark.parametrize("user", ["root", "#0"])
def test_it_fires_for_a_server_that_refuses_to_start(user):
    (finding,) = run((("User", user), ("Group", "www-data")))
    assert finding.severity is Severity.critical
    assert finding.certainty is Certainty.certain
    assert "httpd does not start" in finding.detail
    assert finding.evidence["where"] == f"{CONFIG}:1"


def test_it_fires_for_a_daemon_of_root():
    (finding,) = run(groups=[group("shop", "root")])
    assert finding.subject == "process-group:shop"
    assert "blocked from running as root" in finding.detail


def test_it_is_silent_for_other_users():
    assert run(groups=[group("shop", "shop", "shop")]) == []
    assert run((("User", "ldapuser"), ("Group", "www-data"))) == []


PARENT = process(1, Role.PARENT, 0)


def test_it_is_silent_for_the_parent():
    assert run(processes=(PARENT, process(2, Role.CHILD, 33))) == []


def test_it_is_observed_where_it_runs_so():
    processes = (PARENT, process(2, Role.CHILD, 0), process(3, Role.DAEMON, 0, "shop"))
    child, daemon = run(processes=processes, groups=[group("shop", "shop")])
    assert child.certainty is daemon.certainty is Certainty.observed
    assert child.evidence["pids"] == [2]
    assert daemon.evidence["pids"] == [3]


def test_it_is_silent_for_the_waiting_children_of_mpm_itk():
    one = one_instance()
    load = ModuleLoad("/mods/itk.so", "mpm_itk_module", Where(CONFIG, 1, 1))
    object.__setattr__(one.configuration, "loads", (load,))
    found = run(processes=(PARENT, process(2, Role.CHILD, 0)), configuration=one.configuration)
    assert found == []


def test_it_is_silent_where_root_does_not_start_it():
    assert run((("User", "root"), ("Group", "root")), start_user="shop") == []
