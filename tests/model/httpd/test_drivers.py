"""Which drivers of apr-util a configuration brings in, and when."""

import pytest

from hostprobe.facts.httpd import Configuration, HttpdStart
from hostprobe.model.httpd.drivers import drivers
from hostprobe.model.httpd.evaluate import evaluate
from tests.model.memory_files import MemoryFiles

KINDS = ("crypto_%s", "dbd_%s", "dbm_%s", "ldap")
TEXTS = b"\0".join((b"", *(f"apr_{kind}-1.so".encode() for kind in KINDS), b"/d/apr-util-1", b""))
NAMES = ("dbd_pgsql", "dbd_mysql", "dbm_db", "dbm_gdbm", "ldap", "crypto_openssl")
HOST = {"/httpd": TEXTS} | {f"/d/apr-util-1/apr_{name}-1.so": "" for name in NAMES}
SESSION = "LoadModule session_crypto_module /m/session_crypto.so\n"
LDAP = "LoadModule ldap_module /m/ldap.so\n"
DBD = "LoadModule dbd_module /m/dbd.so\n"
REWRITE = "LoadModule rewrite_module /m/rewrite.so\n"


def configured(files, text, **environment) -> Configuration:
    start = HttpdStart("/httpd", "/c", "/", environment=environment)
    return evaluate(files, start, None)


def loading(text, contents=(), **environment):
    files = MemoryFiles(HOST | dict(contents) | {"/c": text})
    return drivers(files, configured(files, text, **environment))


def names(found):
    opens = [*found.at_reading, *(each for _, each in sorted(found.at_start, key=lambda p: p[0]))]
    return [each.path.removeprefix("/d/apr-util-1/apr_").removesuffix("-1.so") for each in opens]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (DBD + "DBDriver pgsql\nDBDriver mysql\nDBDriver pgsql", ["dbd_pgsql", "dbd_mysql"]),
        ("DBDriver pgsql", []),
        (DBD + "<VirtualHost *>\nDBDriver mysql\n</VirtualHost>", ["dbd_mysql"]),
        (REWRITE + "RewriteMap m dbm=GDBM:/x\nRewriteMap n txt:/y", ["dbm_gdbm"]),
        (REWRITE + "RewriteMap m dbm=sdbm:/x\nRewriteMap n dbm:/y", ["dbm_db"]),
        (SESSION + LDAP, ["ldap", "crypto_openssl"]),
        (SESSION + "SessionCryptoDriver openssl", ["crypto_openssl"]),
    ],
)
def test_drivers_in_the_order_of_their_opening(text, expected):
    found = loading(text)
    assert names(found) == expected
    assert found.problems == ()


def test_a_missing_database_driver_ends_httpd():
    (problem,) = loading(DBD + "DBDriver oracle").problems
    assert problem.fatal
    assert "apr_dbd_oracle" in problem.message


def test_a_missing_ldap_driver_ends_nothing():
    files = MemoryFiles({"/httpd": TEXTS, "/c": LDAP})
    assert drivers(files, configured(files, LDAP)).problems == ()


def test_ld_library_path_is_searched_first_with_and_without_the_folder():
    contents = {"/l/apr-util-1/apr_dbd_mysql-1.so": "", "/k/apr_dbd_pgsql-1.so": ""}
    text = DBD + "DBDriver mysql\nDBDriver pgsql"
    found = loading(text, contents, LD_LIBRARY_PATH="/k:/l")
    assert [each.path for each in found.at_reading] == [
        "/l/apr-util-1/apr_dbd_mysql-1.so",
        "/k/apr_dbd_pgsql-1.so",
    ]


def test_the_default_is_a_guess():
    (found,) = loading(REWRITE + "RewriteMap m dbm:/y").at_reading
    assert found.guess
    (named,) = loading(REWRITE + "RewriteMap m dbm=db:/y").at_reading
    assert not named.guess
    ((_, crypto),) = loading(SESSION).at_start
    assert crypto.guess


def test_drivers_inside_apr_util_are_no_files():
    files = MemoryFiles({"/httpd": b"\0apr_dbd_init\0", "/c": DBD + "DBDriver mysql"})
    assert loading(DBD).at_reading == ()
    found = drivers(files, configured(files, ""))
    assert (found.at_reading, found.problems) == ((), ())
