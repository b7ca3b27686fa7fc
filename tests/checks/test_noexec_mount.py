"""What is loaded from a mount without permission to execute."""

from dataclasses import replace

import pytest
from hostprobe_checks.noexec_mount import noexec_mount

from hostprobe.check import Certainty, Severity
from hostprobe.facts.files import Missing
from hostprobe.facts.host import HostIdentity
from hostprobe.model.linkage import Linkages
from tests.model.linked_host import CONFIG, EXTENSION, HTTPD, instance, linkages, thing
from tests.model.running.builder import live, process

MODULE = "/opt/httpd/modules/mod_x.so"
SHOP = "example.org/shop (/srv/shop.wsgi)"
HOST = HostIdentity("h", "Debian", "6.1", "x86_64", "/", is_live=True, privileged=True)
OBJECTS = {EXTENSION: thing(), MODULE: thing()}


def mountinfo(place, options="rw,noexec"):
    return f"1 0 0:1 / / rw - ext4 x rw\n2 1 0:2 / {place} {options} - tmpfs none rw\n"


def run(place, options="rw,noexec", **changes):
    objects = OBJECTS | {"/proc/1/mountinfo": mountinfo(place, options)}
    return list(noexec_mount.body(linkages(objects, [MODULE], **changes), HOST))


def test_it_fires_for_an_extension_that_an_application_imports():
    (finding,) = run("/venv")
    assert finding.title == "/venv is mounted noexec: _fast.so cannot be loaded"
    assert finding.severity is Severity.critical
    assert finding.certainty is Certainty.likely
    assert finding.affected == (SHOP,)
    assert finding.remedy[0] == "mount -o remount,exec /venv"
    assert finding.evidence["objects"] == [EXTENSION]


def test_it_fires_for_an_apache_module():
    (finding,) = run("/opt/httpd")
    assert finding.certainty is Certainty.certain
    assert finding.affected == (CONFIG,)


def test_it_fires_once_for_a_mount_with_both():
    (finding,) = list(run("/"))
    assert finding.title == f"/ is mounted noexec: {HTTPD[-7:]} cannot be loaded (and 2 more)"
    assert finding.affected == (CONFIG, SHOP)


def test_it_fires_for_a_line_of_fstab_of_a_mounted_root():
    contents = OBJECTS | {
        "/etc/fstab": "/dev/sdb1 /venv ext4 user 0 2\n",
        "/proc/1/mountinfo": mountinfo("/opt/httpd"),
    }
    (finding,) = noexec_mount.body(linkages(contents, [MODULE]), replace(HOST, is_live=False))
    assert finding.evidence["source"] == "/etc/fstab"
    assert "remount" not in finding.remedy[0]


def test_it_fires_for_a_mount_that_only_the_running_httpd_has():
    contents = OBJECTS | {
        "/proc/7/mountinfo": mountinfo("/venv"),
        "/proc/1/mountinfo": mountinfo("/other"),
    }
    linkage = live(contents, [process(7, root="/proc/7/root")])
    (finding,) = noexec_mount.body(Linkages((linkage,)), HOST)
    assert finding.remedy[0] == "nsenter -t 7 -m mount -o remount,exec /venv"


@pytest.mark.parametrize("options", ["rw", "ro,nosuid,nodev"])
def test_it_is_silent_where_code_may_be_executed(options):
    assert run("/venv", options) == []


def test_it_is_silent_for_data_only():
    assert run("/srv/data") == []


def test_it_is_silent_for_an_extension_that_no_application_imports():
    assert run("/venv", imports=False) == []


def test_it_is_silent_where_the_mount_is_covered_by_another():
    contents = OBJECTS | {
        "/proc/1/mountinfo": mountinfo("/venv") + "3 2 0:3 / /venv rw - tmpfs none rw\n"
    }
    assert list(noexec_mount.body(linkages(contents, [MODULE]), HOST)) == []


def test_it_is_silent_where_the_mounts_cannot_be_read():
    contents = OBJECTS | {"/proc/1/mountinfo": Missing("/proc/1/mountinfo: permission denied")}
    assert list(noexec_mount.body(linkages(contents, [MODULE]), HOST)) == []


def test_without_mounts_nothing_is_noexec_and_it_is_silent():
    assert list(noexec_mount.body(linkages(OBJECTS, [MODULE]), HOST)) == []
    assert instance().running is None


def test_it_is_silent_where_the_unit_forbids_code_there():
    contents = OBJECTS | {
        "/proc/7/mountinfo": mountinfo("/venv"),
        "/proc/7/cgroup": "0::/system.slice/apache2.service\n",
        "/run/systemd/system": (),
        "/lib/systemd/system/apache2.service": "[Service]\nNoExecPaths=/venv\n",
    }
    linkage = live(contents, [process(7)])
    assert list(noexec_mount.body(Linkages((linkage,)), HOST)) == []
