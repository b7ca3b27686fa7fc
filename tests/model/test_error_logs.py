"""Where error logs are, which rotation is the newest, and whom their lines are about."""

import pytest

from hostprobe.facts.files import Absent
from hostprobe.model.error_logs import by_log, log_places, read_error_logs
from tests.model.wsgi_configuration import configured, host

OLD = "[Thu Nov 26 05:22:01 2026] "
NEW = "[Fri Nov 27 05:22:01 2026] "
ORACLE = "cx_Oracle.DatabaseError: ORA-06413: Connection not open.\n"
START = "[mpm_event:notice] AH00489: x configured -- resuming normal operations\n"
SITES = (
    "ErrorLog /log/error.log\nWSGIDaemonProcess g\n"
    + host("a", "WSGIScriptAlias / /srv/shop/a.wsgi process-group=g")
    + host("b", "ErrorLog /log/b.log\nWSGIScriptAlias / /srv/shop/a.wsgi")
    + host("c", "WSGIScriptAlias / /srv/shop/c.wsgi")
)


def logs(text, contents):
    (found,) = read_error_logs(*configured(text, contents)).all
    return found


def places(text):
    return log_places(configured(text)[1].instances[0].configuration)


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        ("", ["/logs/error_log"]),
        ("ErrorLog /x\n", ["/x"]),
        ("ErrorLog x\nServerRoot /\nErrorLog y/z\n", ["/y/z"]),
        ("ErrorLog /x\n" + host("a", "") + host("b", "ErrorLog /b"), ["/x", "/b"]),
    ],
)
def test_each_server_writes_into_its_own_or_the_main_servers_log(text, paths):
    assert list(places(text).files) == paths


@pytest.mark.parametrize(
    "target", ['"|/usr/bin/rotatelogs x"', "syslog", "syslog:local1", "journald", "/dev/stderr"]
)
def test_a_log_that_is_no_file_is_said(target):
    found = read_error_logs(*configured(f"ErrorLog {target}\n"))
    assert isinstance(found, Absent)
    assert target.strip('"') in found.reason


@pytest.mark.parametrize(
    ("names", "newest"),
    [
        (["e.log", "e.log.1", "e.log.2.gz", "e.log.10.gz"], "e.log.1"),
        (["e.log", "e.log.2.gz", "e.log.10.gz"], "e.log.2.gz"),
        (["e.log-20260101", "e.log-20260301.gz", "e.log-20250301"], "e.log-20260301.gz"),
        (["e.log", "e.log.bak", "other.log.1", "e.log.1~"], None),
    ],
)
def test_the_newest_rotation(names, newest):
    assert by_log(names).get("e.log") == newest


def test_lines_are_about_the_script_the_group_or_the_server_of_the_log():
    script = "mod_wsgi (pid=1): Target WSGI script '/srv/shop/c.wsgi' does not contain WSGI appl"
    group = "mod_wsgi (pid=1): Couldn't create worker thread 4 in daemon process 'g'.\n"
    contents = {
        "/log/error.log": f"{script}ication 'x'.\n{group}{ORACLE}",
        "/log/b.log": ORACLE,
    }
    found = logs(SITES, contents).reported
    about = {one.signature: [each.server for each in one.applications] for one in found[:3]}
    assert about == {
        "application-missing": ["c"],
        "thread-not-created": ["a"],
        "oracle-name": ["a", "c"],
    }
    assert [one.server for one in found[3].applications] == ["b"]


def test_what_is_about_nobody_in_the_only_log_is_about_httpd():
    two = "WSGIScriptAlias /a /srv/shop/a.wsgi\nWSGIScriptAlias /b /srv/shop/b.wsgi\n"
    (found,) = logs(two, {"/logs/error_log": ORACLE}).reported
    assert found.applications == ()


def test_the_rotation_is_older_and_a_start_makes_it_past():
    contents = {"/logs/error_log.1": f"{OLD}{ORACLE}", "/logs/error_log": f"{NEW}{ORACLE}"}
    (found,) = logs("", contents).reported
    assert (found.count, found.recent) == (2, 2)
    assert (found.first, found.last) == ("2026-11-26 05:22:01", "2026-11-27 05:22:01")
    contents["/logs/error_log"] = f"{NEW}{START}{NEW}{ORACLE}"
    (found,) = logs("", contents).reported
    assert (found.count, found.recent) == (2, 1)
    assert found.paths == ("/logs/error_log.1", "/logs/error_log")


def test_a_directory_full_of_logs_is_looked_through_once():
    names = "".join(host(f"s{n}", f"ErrorLog /log/{n}.log") for n in range(50))
    files, topology = configured(names, {f"/log/{n}.log": "" for n in range(50)})
    asked = []
    listing = files.list
    files.list = lambda path: asked.append(path) or listing(path)
    read_error_logs(files, topology)
    assert asked.count("/log") == 1
