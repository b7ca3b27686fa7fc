"""Limits of the start: unit, shell file, running parent."""

import pytest

from hostprobe.facts.httpd import HttpdStart
from hostprobe.model.memory.start_limits import (
    Limit,
    place_of_start,
    planned_limits,
    start_limits,
    unheard,
)
from tests.model.memory.host import capacity, limits, running
from tests.model.memory_files import MemoryFiles

UNIT, DROP_IN = "/lib/systemd/system/httpd.service", "/etc/systemd/system/httpd.service.d/a.conf"
SERVICE = "[Service]\nExecStart=/usr/sbin/httpd -DFOREGROUND\n"
RHEL = HttpdStart("/usr/sbin/httpd", "/etc/httpd/conf/httpd.conf", "/etc/httpd")
DEBIAN = HttpdStart("/usr/sbin/apache2", "/etc/apache2/apache2.conf", "/etc/apache2")


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("LimitSTACK=512K", 512 << 10),
        ("LimitSTACK=1M:2M", 1 << 20),
        ("LimitSTACK=524288", 524288),
        ("LimitSTACK=infinity", None),
    ],
)
def test_the_unit_limits_stacks(setting, value):
    found = planned_limits(MemoryFiles({UNIT: f"{SERVICE}{setting}\n"}), RHEL)
    assert found.stack == Limit(value, "LimitSTACK= of httpd.service")


def test_a_drop_in_counts_more_than_the_unit():
    files = MemoryFiles({UNIT: f"{SERVICE}LimitAS=1G\n", DROP_IN: "[Service]\nLimitAS=2G\n"})
    assert planned_limits(files, RHEL).address_space.value == 2 << 30


def test_nonsense_limits_nothing():
    files = MemoryFiles({UNIT: f"{SERVICE}LimitAS=much\n"})
    assert planned_limits(files, RHEL).address_space is None


def test_a_sysconfig_file_is_not_run_by_systemd():
    files = MemoryFiles({UNIT: SERVICE, "/etc/sysconfig/httpd": "A=b\nulimit -s 512\n"})
    assert planned_limits(files, RHEL).stack is None
    assert unheard(files, RHEL) == ("/etc/sysconfig/httpd:2",)


def test_a_sysconfig_file_is_run_by_other_inits():
    files = MemoryFiles({"/etc/sysconfig/httpd": "ulimit -s 512\n"})
    assert planned_limits(files, RHEL).stack.value == 512 << 10
    assert unheard(files, RHEL) == ()


def test_envvars_comes_after_the_unit():
    unit = "[Service]\nExecStart=/usr/sbin/apachectl start\nLimitSTACK=1M\nLimitNPROC=64\n"
    contents = {
        "/lib/systemd/system/apache2.service": unit,
        "/etc/apache2/envvars": "export A=b\nulimit -s 512\n",
    }
    found = planned_limits(MemoryFiles(contents), DEBIAN)
    assert found.stack == Limit(512 << 10, "ulimit -s (/etc/apache2/envvars:2)")
    assert found.processes == Limit(64, "LimitNPROC= of apache2.service")
    assert place_of_start(MemoryFiles(contents), DEBIAN) == "/etc/apache2/envvars"


def test_the_unit_is_the_place_where_there_is_no_envvars():
    assert place_of_start(MemoryFiles({UNIT: SERVICE}), RHEL) == "httpd.service"


def test_the_running_parent_knows_better():
    contents = limits(1, stack=1 << 20) | {"/etc/apache2/envvars": "ulimit -s 512\n"}
    one = capacity("", contents, running=running())
    assert start_limits(one.files, one.instance).stack == Limit(1 << 20, "/proc/1/limits")


def test_the_planned_start_counts_where_the_parent_has_ended():
    one = capacity("", {"/etc/apache2/envvars": "ulimit -s 512\n"}, running=running())
    assert start_limits(one.files, one.instance).stack.value == 512 << 10


def test_the_line_that_says_what_the_parent_has_is_named():
    contents = limits(1, stack=8 << 20) | {"/etc/apache2/envvars": "ulimit -s 8192\n"}
    one = capacity("", contents, running=running())
    assert (
        start_limits(one.files, one.instance).stack.origin == "ulimit -s (/etc/apache2/envvars:1)"
    )
    assert one.threads[""].stack.is_set
