"""A profile of httpd with Debian's own abstractions, and an application that it does not cover.

Recorded: AppArmor is not active in this kernel; the profile is written as those of distributions.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.real.debs import unpacked
from tests.real.hosts import mandatory_access as host
from tests.real.hosts.bad_input import BadHost, copied

pytestmark = pytest.mark.real
CHECK = "apparmor-profile-blocks"
NAME = "/etc/apparmor.d/usr.sbin.apache2"
PROFILE = """
include <tunables/global>
/usr/sbin/apache2 {
  include <abstractions/base>
  include <abstractions/apache2-common>
  /var/www/** r,
  include if exists <local/usr.sbin.apache2>
}
"""


@pytest.fixture
def apparmor(bad_template: Path, tmp_path: Path) -> BadHost:
    made = copied(bad_template, tmp_path / "root")
    shutil.copytree(unpacked("apparmor") / "etc/apparmor.d", made.path("/etc/apparmor.d"))
    made.write(NAME, PROFILE)
    return made


def test_the_printed_line_in_the_local_file_cures(apparmor: BadHost) -> None:
    (finding,) = host.findings(apparmor, CHECK)
    assert (finding["severity"], finding["certainty"]) == ("high", "likely")
    assert finding["affected"] == ["localhost/shop (/srv/shop/shop.wsgi)"]
    line = finding["remedy"][0].partition(" add: ")[2]
    assert line == f"{host.SHOP} r,"
    apparmor.write("/etc/apparmor.d/local/usr.sbin.apache2", f"{line}\n")
    assert host.outcome(apparmor, CHECK) == ("clean", None)


def test_a_host_without_a_profile_of_httpd_is_not_applicable(apparmor: BadHost) -> None:
    apparmor.remove(NAME)
    found, reason = host.outcome(apparmor, CHECK)
    assert (found, reason) == (
        "not-applicable",
        "no profile of AppArmor confines an httpd of this host",
    )
