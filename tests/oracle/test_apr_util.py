"""Drivers that directives bring in: what httpd opens, where it stands and what it binds to."""

import pytest

from hostprobe.facts.plan import Open
from tests.oracle.httpd import compare_httpd, linkage_of, log_of, with_foreign
from tests.oracle.ld_debug import ENVIRONMENT, file_name, read
from tests.real.httpd import Httpd

pytestmark = pytest.mark.real

DBD = "DBDPersist Off\nDBDriver {}"
HOST = "<VirtualHost 127.0.0.1:1>\n{}\n</VirtualHost>"
MAPS = ("a.dir", "a.pag", "b", "c")
SESSION = ("request", "session", "session_crypto")
CASES = {
    "one database": (("dbd",), [DBD.format("sqlite3")], ["dbd_sqlite3"]),
    "a driver of each kind": (
        ("dbd", "ssl", "socache_shmcb"),
        [DBD.format(name) for name in ("mysql", "pgsql", "sqlite3", "odbc")],
        ["dbd_mysql", "dbd_pgsql", "dbd_sqlite3", "dbd_odbc"],
    ),
    "a virtual host's, then the server's again": (
        ("dbd",),
        [HOST.format(DBD.format("pgsql")), DBD.format("sqlite3"), DBD.format("pgsql")],
        ["dbd_pgsql", "dbd_sqlite3"],
    ),
    "rewrite maps": (
        ("rewrite",),
        [
            "RewriteMap a dbm=sdbm:maps/a",
            "RewriteMap b dbm=GDBM:maps/b",
            "RewriteMap c dbm:maps/c",
        ],
        ["dbm_gdbm", "dbm_db"],
    ),
    "LDAP is asked for its version": (("ldap",), [], ["ldap"]),
    "LDAP and PHP in the order of their modules": (("php", "ldap"), [], ["ldap"]),
    "PHP and LDAP in the order of their modules": (("ldap", "php"), [], ["ldap"]),
    "sessions are encrypted by OpenSSL": (SESSION, [], ["crypto_openssl"]),
    "a driver is named": (SESSION, ["SessionCryptoDriver openssl"], ["crypto_openssl"]),
    "a last hook comes after LDAP's": (
        (*SESSION, "ldap"),
        ["SessionCryptoDriver openssl"],
        ["ldap", "crypto_openssl"],
    ),
    "session cache in a file": (
        ("ssl", "socache_dbm", "ldap"),
        ["SSLSessionCache dbm:run/cache"],
        ["dbm_db", "ldap"],
    ),
    "a cache of passwords works after the first reading": (
        ("authn_socache", "socache_shmcb", "socache_dbm", "ldap"),
        ["AuthnCacheEnable", "AuthnCacheSOCache dbm:run/cache"],
        ["dbm_db", "ldap"],
    ),
    "a cache that is not enabled": (
        ("authn_socache", "socache_shmcb", "socache_dbm"),
        ["AuthnCacheSOCache dbm:run/cache"],
        [],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_drivers_are_opened_and_bound_as_predicted(case):
    modules, lines, expected = CASES[case]
    httpd = Httpd(modules, lines)
    (httpd.root / "maps").mkdir()
    for name in MAPS:
        (httpd.root / "maps" / name).touch()
    plan = linkage_of(httpd).plan
    found = [one for one in plan.operations if isinstance(one, Open) and one.by == "apr-util"]
    assert [file_name(one.path) for one in found] == [f"apr_{name}-1.so" for name in expected]
    assert all(one.where.startswith(str(httpd.config)) for one in found)
    httpd.environment |= {**ENVIRONMENT, "LD_DEBUG_OUTPUT": str(log_of(httpd))}
    with httpd:
        record = read(log_of(httpd), httpd.pid, str(httpd.binary))
    compare_httpd(with_foreign(plan, record), record)
