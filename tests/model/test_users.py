"""Users and groups of the root, and who each process of httpd is."""

import grp
import os
import pwd
from dataclasses import replace

import pytest

from hostprobe.collect.files import LiveFiles
from hostprobe.facts.files import Missing
from hostprobe.facts.httpd import HttpdBuild, HttpdStart
from hostprobe.facts.process import HttpdProcess
from hostprobe.facts.user import ProcessCredentials
from hostprobe.model.httpd.evaluate import evaluate
from hostprobe.model.identity import identities, with_running
from hostprobe.model.running.processes import Role, Running, RunningProcess
from hostprobe.model.topology import Planner
from hostprobe.model.users import Credentials, Users, atoi
from tests.model.memory_files import MemoryFiles

PASSWD = """root:x:0:0:root:/root:/bin/bash
www-data:x:33:33:www-data:/var/www:/usr/sbin/nologin
shop:x:1000:1000::/home/shop:/bin/sh
shop:x:7:7::/second:/bin/sh
twin:x:1000:1001::/home/twin:/bin/sh
"""
GROUP = """root:x:0:
www-data:x:33:shop
shop:x:1000:
staff:x:50:shop,anna
media:x:60:www-data
"""
HOST = {"/etc/passwd": PASSWD, "/etc/group": GROUP}


def users(contents=HOST):
    return Users(MemoryFiles(contents))


def test_the_first_of_equal_names_and_numbers_counts():
    assert users().account("shop").uid == 1000
    assert users().account_of_uid(1000).name == "shop"


@pytest.mark.parametrize(
    ("text", "uid"), [("shop", 1000), ("#1000", 1000), ("#77", 77), ("#-1", 0xFFFFFFFF), ("#x", 0)]
)
def test_a_user_is_a_name_or_a_number(text, uid):
    assert users().uid(text) == uid


def test_an_unknown_name_is_not_found_and_an_unread_file_is_missing():
    assert users().uid("nobody").not_found
    unread = users({"/etc/passwd": Missing("/etc/passwd: permission denied")})
    assert unread.uid("shop") == Missing("/etc/passwd: permission denied")
    assert unread.uid("root") == 0


def test_names_for_people():
    assert users().user_name(33) == "www-data"
    assert users().user_name(34) == "#34"
    assert users().group_name(50) == "staff"
    assert users().group_name(51) == "#51"


@pytest.mark.parametrize(("text", "number"), [("12", 12), ("12x", 12), ("", 0), ("-2", 2**32 - 2)])
def test_numbers_are_read_as_atoi_reads_them(text, number):
    assert atoi(text) == number


def test_supplementary_groups_are_those_of_glibc():
    found = Users(LiveFiles())
    for entry in pwd.getpwall():
        expected = os.getgrouplist(entry.pw_name, entry.pw_gid)
        assert found.supplementary(entry.pw_name, entry.pw_gid) == frozenset(expected)
        assert found.account(entry.pw_name).home == pwd.getpwnam(entry.pw_name).pw_dir
    for group in grp.getgrall():
        assert found.gid(group.gr_name) == grp.getgrnam(group.gr_name).gr_gid


BUILD = HttpdBuild("2.4.57", "/etc/apache2", "apache2.conf", ("core_module", "so_module"))


def instance(text, *, start_user="root", contents=HOST):
    """The instance of a configuration in which mod_wsgi is loaded."""
    configuration = f"LoadModule wsgi_module wsgi.so\n{text}"
    files = MemoryFiles({"/etc/apache2/apache2.conf": configuration, "/etc/apache2/wsgi.so": ""})
    start = HttpdStart(
        "/bin/httpd", "apache2.conf", "/etc/apache2", environment={}, user=start_user
    )
    return Planner(files, evaluate(files, start, BUILD), BUILD).instance()


def who(text, process_group="", **changes):
    return identities(users(), instance(text, **changes)).of(process_group)


USUAL = "User www-data\nGroup www-data\n"


def test_children_have_the_groups_of_their_user():
    assert who(USUAL) == Credentials("www-data", 33, 33, frozenset({33, 60}))


def test_the_name_of_a_numeric_user_gives_its_groups():
    assert who("User #1000\nGroup #50\n") == Credentials("shop", 1000, 50, frozenset({33, 50}))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("User nobody\nGroup www-data\n", "/etc/passwd has no user nobody"),
        ("User www-data\nGroup nogroup\n", "/etc/group has no group nogroup"),
        ("User #77\nGroup www-data\n", "/etc/passwd has no uid 77"),
        ("Group www-data\n", "no User directive"),
        ("User www-data\n", "no Group directive"),
        (USUAL + "LoadModule mpm_itk_module itk.so\n", "mpm_itk"),
    ],
)
def test_why_the_children_are_not_known(text, reason):
    assert reason in who(text).reason


def test_a_daemon_of_another_user_keeps_the_group_of_httpd():
    found = who(USUAL + "WSGIDaemonProcess a user=shop\n", "a")
    assert found == Credentials("shop", 1000, 33, frozenset({33, 50}))


def test_a_daemon_without_options_is_as_the_children():
    assert who(USUAL + "WSGIDaemonProcess a threads=2\n", "a") == who(USUAL)


def test_a_number_that_a_daemon_inherits_gives_no_groups():
    assert who("User #33\nGroup www-data\nWSGIDaemonProcess a\n", "a").groups == {33}


def test_the_groups_of_a_daemon_can_be_named():
    text = USUAL + "WSGIDaemonProcess a user=shop group=shop supplementary-groups=staff,,#61\n"
    assert who(text, "a") == Credentials("shop", 1000, 1000, frozenset({1000, 50, 61}))


def test_a_list_that_begins_with_a_comma_is_empty():
    text = USUAL + "WSGIDaemonProcess a user=shop supplementary-groups=,staff\n"
    assert who(text, "a").groups == {33}


def test_an_httpd_that_root_does_not_start_keeps_its_user():
    for user in ("shop", "1000"):
        text = USUAL + "WSGIDaemonProcess a user=www-data\n"
        found = who(text, "a", start_user=user)
        assert found == Credentials("shop", 1000, 1000, frozenset({33, 50, 1000}))


def test_a_process_group_that_is_not_known_is_nobody():
    assert "decided per request" in who(USUAL, None).reason
    assert "no WSGIDaemonProcess" in who(USUAL, "b").reason


def test_what_is_not_known_is_said_once():
    one = instance("User nobody\nGroup www-data\nWSGIDaemonProcess a\nWSGIDaemonProcess b\n")
    assert [*identities(users(), one).unknown()] == ["/etc/passwd has no user nobody"]


def seen(planned, *, uid=33, gid=33, groups=(), role=Role.CHILD, group=None, parent_uid=0):
    """The identities of a configuration whose process of that role runs so."""
    facts = HttpdProcess(7, 1, 1, uid, 0.0, "/bin/httpd", (), None, ())
    parent = HttpdProcess(1, 0, 1, parent_uid, 0.0, "/bin/httpd", (), None, ())
    running = Running((RunningProcess(parent, Role.PARENT), RunningProcess(facts, role, group)))
    one = replace(instance(planned), running=running)
    status = (ProcessCredentials(uid, gid, frozenset(groups), 0),)
    files = MemoryFiles(HOST | {"/proc/7/status": status})
    return with_running(files, users(), identities(users(), one), one)


def test_a_running_child_has_groups_of_a_directory_service_too():
    assert seen(USUAL, groups=(33, 9000)).child.groups == {33, 60, 9000}


def test_a_user_of_a_directory_service_is_known_while_it_runs():
    found = seen("User ldapuser\nGroup www-data\n", uid=9001, groups=(9000,)).child
    assert found == Credentials("#9001", 9001, 33, frozenset({9000}))


def test_a_process_of_another_user_was_started_otherwise():
    assert seen(USUAL, uid=0, gid=0, groups=(9000,)).child.groups == {33, 60}


def test_a_running_daemon_belongs_to_its_group():
    text = USUAL + "WSGIDaemonProcess a user=shop\n"
    found = seen(text, uid=1000, groups=(9000,), role=Role.DAEMON, group="a")
    assert 9000 in found.daemons["a"].groups
    assert 9000 not in found.child.groups


def test_an_httpd_whose_parent_is_not_root_is_that_user_s():
    found = seen(USUAL + "WSGIDaemonProcess a user=www-data\n", uid=1000, gid=1000, parent_uid=1000)
    assert found.child.user == found.daemons["a"].user == "shop"
