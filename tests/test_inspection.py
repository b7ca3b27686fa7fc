from dataclasses import replace

import pytest

from hostprobe.facts.files import Absent, Missing
from hostprobe.facts.host import HostIdentity
from hostprobe.facts.httpd import HttpdBuild
from hostprobe.facts.request import Request
from hostprobe.inspection import PROVIDERS, Inspection
from hostprobe.model.instance import Topology
from hostprobe.model.linkage import Linkages, RunningLinkages
from hostprobe.model.permissions import Permissions
from tests.model.linked_host import thing
from tests.model.memory_files import MemoryFiles
from tests.model.running.builder import mapped, process, processes

HOST = HostIdentity("web1", "Linux 9", None, "x86_64", "/", is_live=True, privileged=True)
CONFIG = "WSGIScriptAlias / /srv/a.wsgi\n"


def inspection(contents=None, **request):
    phrases = []
    found = Inspection(MemoryFiles(contents or {}), HOST, Request(**request), phrases.append)
    return found, phrases


def test_without_httpd_every_model_is_absent():
    found, _ = inspection()
    for kind in (Topology, Linkages):
        assert isinstance(PROVIDERS[kind](found), Absent)


def test_a_configuration_that_is_not_there_is_missing_not_absent():
    found, _ = inspection(config="/none.conf")
    assert isinstance(found.topology, Missing)
    assert isinstance(found.linkages, Missing)


def test_a_model_is_computed_once():
    found, phrases = inspection(
        {"/usr/sbin/httpd": b"", "/etc/x.conf": CONFIG}, config="/etc/x.conf"
    )
    assert found.topology is found.topology
    assert found.linkages is found.linkages
    assert len(phrases) == len(set(phrases)) == 4


def test_a_given_configuration_is_one_instance():
    found, _ = inspection({"/usr/sbin/httpd": b"", "/etc/x.conf": CONFIG}, config="/etc/x.conf")
    assert [instance.name for instance in found.topology.instances] == ["/etc/x.conf"]


def test_given_extensions_belong_to_every_instance():
    found, _ = inspection(
        {"/usr/sbin/httpd": b"", "/etc/x.conf": CONFIG},
        config="/etc/x.conf",
        extensions=("/venv/_fast.cpython-311.so",),
        python="/opt/python",
    )
    (linkage,) = found.linkages.all
    assert linkage.extra[0].module == "_fast"
    assert linkage.interpreter_path == "/opt/python"


def test_where_httpd_could_be_hidden_nothing_is_absent():
    found, _ = inspection()
    stat = found.files.stat
    denied = Missing("/usr/sbin/httpd: permission denied")
    found.files.stat = lambda path: denied if path == "/usr/sbin/httpd" else stat(path)
    assert found.topology == Missing(
        "It is not known whether httpd is installed: /usr/sbin/httpd: permission denied"
    )


def test_where_mod_wsgi_could_be_hidden_python_is_not_absent():
    denied = Missing("/etc/b.conf: permission denied")
    contents = {"/usr/sbin/httpd": b"", "/etc/x.conf": "Include b.conf\n", "/etc/b.conf": denied}
    reason = f"It is not known whether httpd loads mod_wsgi: {denied.reason}"
    found, _ = inspection(contents, config="/etc/x.conf", before=("ServerRoot /etc",))
    assert found.python_topology == Missing(reason)
    contents["/etc/b.conf"] = ""
    found, _ = inspection(contents, config="/etc/x.conf", before=("ServerRoot /etc",))
    assert isinstance(found.python_topology, Absent)


HTTPD, MAIN = "/usr/sbin/httpd", "/etc/httpd/httpd.conf"
ALIVE = process(7, (mapped(HTTPD),), program=HTTPD, command=(HTTPD,))
STAGING = replace(ALIVE, pid=8, session=8, command=(HTTPD, "-f", "/srv/staging.conf"))


def running_host(*found, place="/proc", problems=(), **request):
    build = HttpdBuild("2.4.71", "/etc/httpd", "httpd.conf", ())
    contents = {
        HTTPD: (thing(), build),
        MAIN: CONFIG,
        "/srv/staging.conf": "",
        "/bin/bash": b"",
        place: processes(*found, problems=problems),
    }
    return inspection(contents, **request)[0]


def views(found):
    return [(one.name, one.running and one.running.pids) for one in found.topology.instances]


def test_a_running_httpd_and_its_configuration_are_one_instance():
    assert views(running_host(ALIVE)) == [(MAIN, (7,))]


def test_a_planned_httpd_that_does_not_run_has_no_processes():
    assert views(running_host()) == [(MAIN, None)]


def test_a_running_httpd_with_another_configuration_is_one_more_instance():
    found = running_host(ALIVE, STAGING)
    assert views(found) == [(MAIN, (7,)), ("/srv/staging.conf", (8,))]
    assert [start.origin for start in found.starts] == [f"compiled into {HTTPD}", "pid 8"]


def test_a_given_configuration_is_one_instance_whatever_else_runs():
    assert views(running_host(ALIVE, STAGING, config="/srv/staging.conf")) == [
        ("/srv/staging.conf", (8,))
    ]


def test_a_running_httpd_is_found_where_none_is_installed():
    found = running_host(STAGING)
    found.files.contents["/opt/httpd"] = found.files.contents.pop(HTTPD)
    found.files.contents["/proc"] = processes(replace(STAGING, program="/opt/httpd"))
    assert views(found) == [("/srv/staging.conf", (8,))]


def test_a_pid_restricts_to_its_httpd():
    found = running_host(ALIVE, STAGING, place="/proc/8", pid=8)
    assert views(found) == [("/srv/staging.conf", (8,))]


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        ((), "--pid 9: ended while it was read"),
        ((replace(ALIVE, pid=9, program="/bin/bash"),), "--pid 9: /bin/bash is not an httpd"),
        ((replace(ALIVE, pid=9, is_contained=True),), "--pid 9: Process 9 (/usr/sbin/httpd) runs"),
    ],
)
def test_a_pid_that_is_no_httpd_has_a_reason(found, reason):
    topology = running_host(*found, place="/proc/9", pid=9).topology
    assert isinstance(topology, Missing)
    assert topology.reason.startswith(reason)


def test_without_live_nothing_runs():
    found = running_host(ALIVE, no_live=True)
    assert views(found) == [(MAIN, None)]
    assert isinstance(PROVIDERS[RunningLinkages](found), Absent)


def test_where_nothing_runs_it_is_established():
    assert isinstance(PROVIDERS[RunningLinkages](running_host()), Absent)


def test_where_processes_may_not_be_read_it_is_not_known():
    found = running_host(problems=("/proc/7 of user 0: permission denied",))
    assert PROVIDERS[RunningLinkages](found) == Missing("/proc/7 of user 0: permission denied")
    blind = running_host(replace(ALIVE, files=(), unread="/proc/7/maps: permission denied"))
    assert PROVIDERS[RunningLinkages](blind) == Missing("/proc/7/maps: permission denied")


def test_a_process_that_is_not_read_among_others_makes_a_scan_incomplete():
    child = replace(ALIVE, pid=9, parent=7, files=(), unread="/proc/9/maps: permission denied")
    found = running_host(ALIVE, child)
    assert isinstance(PROVIDERS[RunningLinkages](found), RunningLinkages)
    assert "/proc/9/maps: permission denied" in found.unjudged()


WITH_PYTHON = {
    "/usr/sbin/httpd": b"",
    "/m/wsgi.so": thing(),
    "/etc/x.conf": f"LoadModule wsgi_module /m/wsgi.so\n{CONFIG}",
}


def test_nobody_s_rights_are_judged_without_the_users_of_the_root():
    found, _ = inspection(WITH_PYTHON, config="/etc/x.conf")
    assert isinstance(PROVIDERS[Permissions](found), Missing)
    assert found.unjudged() == ()


def test_a_user_that_is_not_known_makes_the_scan_incomplete_where_it_was_asked():
    users = {"/etc/passwd": "root:x:0:0::/:\n", "/etc/group": "root:x:0:\n"}
    found, _ = inspection(WITH_PYTHON | users, config="/etc/x.conf")
    assert found.unjudged() == ()
    assert isinstance(PROVIDERS[Permissions](found), Permissions)
    (reason,) = found.unjudged()
    assert "no User directive" in reason
