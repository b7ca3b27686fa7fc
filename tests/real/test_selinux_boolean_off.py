"""Booleans of Debian's own policy, as they are in its file.

Recorded: this kernel has no SELinux; the names and states are the policy's, the denial is not real.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.real.hosts import mandatory_access as host
from tests.real.hosts.bad_input import BadHost

pytestmark = pytest.mark.real
CHECK = "selinux-boolean-off"
DATABASE, LDAP = "httpd_can_network_connect_db", "httpd_can_network_connect_ldap"


@pytest.fixture
def selinux(bad_template: Path, tmp_path: Path) -> BadHost:
    return host.selinux_host(bad_template, tmp_path / "root")


def test_booleans_have_the_names_of_the_policy(selinux: BadHost) -> None:
    selinux.write(host.SHOP, "import psycopg2, ldap3\n")
    found = {one["evidence"]["boolean"]: one for one in host.findings(selinux, CHECK)}
    assert found.keys() == {DATABASE, LDAP}
    assert found[DATABASE]["severity"] == "medium"
    assert found[LDAP]["remedy"][0] == f"setsebool -P {LDAP} on"
    assert found[LDAP]["evidence"]["state_from"] == "/etc/selinux/default/policy/policy.33"


def test_a_denial_in_the_log_says_it_alone(selinux: BadHost) -> None:
    selinux.write(host.SHOP, "import psycopg2\n")
    record = host.avc("name_connect", "postgresql_port_t", "tcp_socket", "dest=5432")
    host.write_log(selinux, record)
    assert host.outcome(selinux, CHECK) == ("clean", None)


def test_an_application_without_connections_is_clean(selinux: BadHost) -> None:
    selinux.write(host.SHOP, "import sqlite3\n")
    assert host.outcome(selinux, CHECK) == ("clean", None)
