"""Denials of AppArmor, read from logs as hosts have them.

Recorded: AppArmor is not active in this kernel; the records are as the kernel writes them.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.oracle.journal_log import MACHINE, kernel, write_journal
from tests.parse.audit.samples import APPARMOR
from tests.real.hosts import mandatory_access as host
from tests.real.hosts.bad_input import SCAN, BadHost, command, copied

pytestmark = pytest.mark.real
CHECK = "apparmor-denial"
SWITCH = Path("/sys/module/apparmor/parameters/enabled")
PROFILE = "profile apache2 /usr/sbin/apache2 { /srv/** r, }\n"
RECORD = APPARMOR["syslog"].decode().replace("/usr/bin/gpg", host.SHOP)


@pytest.fixture
def apparmor(bad_template: Path, tmp_path: Path) -> BadHost:
    made = copied(bad_template, tmp_path / "root")
    made.write("/etc/apparmor.d/usr.sbin.apache2", PROFILE)
    return made


def test_the_log_of_the_kernel_tells_it_with_the_line_to_add(apparmor: BadHost) -> None:
    host.write_log(apparmor, RECORD, RECORD, name="/var/log/kern.log")
    (finding,) = host.findings(apparmor, CHECK)
    assert (finding["severity"], finding["certainty"]) == ("high", "observed")
    assert finding["affected"] == ["localhost/shop (/srv/shop/shop.wsgi)"]
    assert finding["remedy"][0] == f"Inside the profile apache2 add: {host.SHOP} ix,"
    assert finding["evidence"]["count"] == 2


def test_a_profile_that_complains_is_low(apparmor: BadHost) -> None:
    host.write_log(apparmor, RECORD.replace("DENIED", "ALLOWED"), name="/var/log/syslog")
    (finding,) = host.findings(apparmor, CHECK)
    assert finding["severity"] == "low"


def test_profiles_of_others_are_none_of_httpds(apparmor: BadHost) -> None:
    record = RECORD.replace('"apache2"', '"/usr/sbin/cupsd"').replace("wsgi:shop", "cupsd")
    host.write_log(apparmor, record)
    assert host.outcome(apparmor, CHECK) == ("clean", None)


def test_without_a_profile_of_httpd_no_log_is_read(apparmor: BadHost) -> None:
    apparmor.remove("/etc/apparmor.d/usr.sbin.apache2")
    host.write_log(apparmor, RECORD)
    found, reason = host.outcome(apparmor, CHECK)
    assert (found, reason) == (
        "not-applicable",
        "no profile of AppArmor confines an httpd of this host",
    )


@pytest.mark.parametrize("place", ["/var/log/journal", "/run/log/journal"])
def test_a_journal_alone_tells_it_too(apparmor: BadHost, place: str) -> None:
    path = apparmor.path(f"{place}/{MACHINE}/system.journal")
    write_journal(path, iter([kernel(RECORD[RECORD.index("audit:") :].encode(), 5)] * 3))
    (finding,) = host.findings(apparmor, CHECK)
    assert finding["affected"] == ["localhost/shop (/srv/shop/shop.wsgi)"]
    assert finding["evidence"]["count"] == 3
    assert finding["evidence"]["repeat"].startswith(f"journalctl -D {place}/{MACHINE} ")


def test_what_of_a_journal_cannot_be_read_makes_the_scan_incomplete(apparmor: BadHost) -> None:
    apparmor.write(f"/var/log/journal/{MACHINE}/system.journal", "LPKSHHRH" + "x" * 400)
    done = apparmor.scan("--select", CHECK)
    assert done.status == 3
    assert "system.journal: a journal of a newer format" in done.text


@pytest.mark.skipif(SWITCH.exists(), reason="this kernel has AppArmor")
def test_this_kernel_has_no_apparmor_and_that_is_said() -> None:
    (entry,) = json.loads(command(*SCAN, "--select", CHECK, "--format", "json").out)["checks"]
    assert entry["outcome"] == "not-applicable"
    assert entry["reason"] == "the kernel of this host has no AppArmor"
