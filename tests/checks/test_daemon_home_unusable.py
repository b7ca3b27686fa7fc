"""Working directories that a daemon's user cannot enter."""

import pytest
from hostprobe_checks.daemon_home_unusable import daemon_home_unusable

from hostprobe.check import Certainty, Severity
from tests.model.working_hosts import group, host, workplaces


def run(one, **changes):
    return list(daemon_home_unusable.body(workplaces(host(one, **changes))))


@pytest.mark.parametrize(
    ("one", "obstacle"),
    [
        (group(home="/srv/gone"), "no such directory"),
        (group(home="/etc/passwd"), "not a directory"),
        (group(home="/srv/closed"), "www-data may not search /srv/closed"),
        (group(home="/root/open"), "www-data may not search /root"),
        (group(home="/srv/link"), "www-data may not search /root"),
        (group(user="ghost"), "no such directory"),
        (group(user="blank"), "passwd names no directory"),
        (group(user="shop", home="/srv/closed"), "shop may not search /srv/closed"),
    ],
    ids=["gone", "file", "mode", "above", "link", "passwd", "no home", "home beats passwd"],
)
def test_it_fires(one, obstacle):
    (finding,) = run(one)
    assert (finding.severity, finding.certainty) == (Severity.critical, Certainty.certain)
    assert finding.evidence["obstacle"] == obstacle
    assert finding.affected == ("example.org/shop (/srv/shop.wsgi)",)
    assert "write home=/srv, which" in finding.remedy[0]


@pytest.mark.parametrize(
    "one",
    [
        group(),
        group(home="/srv"),
        group(user="shop"),
        group(user="ghost", home="/"),
        group(user="shop", group="shop", home="/srv/shared"),
        group(user="twin"),
        group(user="ldap"),
        group(chroot="/jail", home="/srv/gone"),
    ],
    ids=["no home", "home", "own 0700", "home cures", "group", "same uid", "ldap", "chroot"],
)
def test_it_is_silent(one):
    assert run(one) == []


def test_it_is_silent_where_httpd_runs_as_somebody_who_has_a_home():
    assert run(group(user="ghost"), start_user="shop") == []
