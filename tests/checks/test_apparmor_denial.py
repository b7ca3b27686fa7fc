"""Denials of AppArmor, with the line that the profile lacks."""

import pytest
from hostprobe_checks.apparmor_denial import apparmor_denial

from hostprobe.check import Certainty, Severity
from hostprobe.model.denials import ProfileDenials
from hostprobe.model.instance import Topology
from tests.model.linked_host import instance
from tests.model.mandatory import profile_denial

LOGS = ("/var/log/kern.log",)


def run(*denials):
    topology = Topology((instance(),))
    return list(apparmor_denial.body(ProfileDenials(denials, LOGS), topology))


def test_it_fires_with_the_line_to_add():
    (finding,) = run(profile_denial(name="/srv/shop.wsgi"))
    assert (finding.severity, finding.certainty) == (Severity.high, Certainty.observed)
    assert finding.affected == ("example.org/shop (/srv/shop.wsgi)",)
    assert finding.remedy[0] == "Inside the profile /usr/sbin/apache2 add: /srv/shop.wsgi r,"
    assert finding.remedy[1].startswith("apparmor_parser -r /etc/apparmor.d/usr.sbin.apache2,")


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"name": "/v/_fast.so", "mask": "m", "operation": "file_mmap"}, "/v/_fast.so m,"),
        ({"name": "/d/a b", "mask": "wc"}, '"/d/a b" w,'),
        ({"name": "/d/[x]*", "mask": "r"}, "/d/\\[x\\]\\* r,"),
        ({"name": "/usr/bin/gpg", "mask": "x", "operation": "exec"}, "/usr/bin/gpg ix,"),
        ({"name": "net_admin", "mask": "", "operation": "capable"}, "capability net_admin,"),
        ({"name": "inet", "mask": "", "operation": "create"}, "network inet,"),
        ({"name": "/x", "mask": "send", "operation": "signal"}, "signal (send) peer=/x,"),
    ],
)
def test_the_line_fits_the_operation(changes, rule):
    (finding,) = run(profile_denial(**changes))
    assert finding.remedy[0].endswith(f" add: {rule}")


def test_files_of_one_directory_are_one_finding():
    (finding,) = run(
        profile_denial(name="/srv/a", count=2), profile_denial(name="/srv/b", last=1700000100.0)
    )
    assert finding.evidence["count"] == 3
    assert finding.evidence["last"] == "2023-11-14T22:15:00Z"
    assert finding.remedy[0].endswith("add: /srv/* r,")


def test_a_profile_that_complains_is_low():
    (finding,) = run(profile_denial(is_enforced=False))
    assert finding.severity is Severity.low


def test_it_is_silent_without_denials():
    assert run() == []
