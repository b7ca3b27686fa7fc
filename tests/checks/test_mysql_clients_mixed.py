"""Two MySQL clients in one process."""

import pytest
from hostprobe_checks.mysql_clients_mixed import mysql_clients_mixed

from hostprobe.check import Certainty, Severity
from hostprobe.facts.elf import Banners
from tests.model.linked_host import EXTENSION, linkages, thing

MODULE, OTHER = "/mods/mod_dbd_mysql.so", "/mods/mod_auth_mysql.so"
MARIADB, MYSQL = "/lib64/libmariadb.so.3", "/lib64/libmysqlclient.so.21"
CLIENT = ["mysql_get_client_info", "mysql_query", *(f"mysql_{n}" for n in range(9))]


def run(objects, modules=(MODULE,), **options):
    return list(mysql_clients_mixed.body(linkages(objects, modules, **options)))


def mariadb(release="10.11.19"):
    return {
        MODULE: thing(refers=["mysql_query"], needed=["libmariadb.so.3"]),
        MARIADB: (thing(CLIENT, soname="libmariadb.so.3"), Banners((("mysql", release),))),
    }


def own(release="8.4.0", refers=("mysql_query",)):
    """The extension's client, linked in."""
    return {EXTENSION: (thing(CLIENT, refers), Banners((("mysql", release),)))}


def test_it_fires_for_an_extension_whose_calls_end_in_the_other_client():
    (finding,) = run(mariadb() | own())
    assert finding.severity is Severity.high
    assert finding.evidence["winners"][0]["version"] == "10.11.19"
    assert finding.evidence["losers"][0]["version"] == "8.4.0"


def test_it_fires_as_medium_for_two_that_keep_to_themselves():
    (finding,) = run(mariadb() | own(refers=()))
    assert (finding.severity, finding.certainty) == (Severity.medium, Certainty.likely)
    assert [one["path"] for one in finding.evidence["copies"]] == [MARIADB, EXTENSION]


def test_it_fires_for_two_apache_modules():
    objects = mariadb() | {
        OTHER: thing(refers=["mysql_query"], needed=["libmysqlclient.so.21"]),
        MYSQL: thing(CLIENT, soname="libmysqlclient.so.21"),
    }
    (finding,) = run(objects, [MODULE, OTHER])
    assert (finding.severity, finding.certainty) == (Severity.high, Certainty.certain)
    assert finding.evidence["crossings"] == [
        {"object": OTHER, "home": MYSQL, "provider": MARIADB, "symbols": ["mysql_query"]}
    ]


def test_the_same_release_by_another_file_is_no_alarm():
    (finding,) = run(mariadb("8.4.0") | own())
    assert finding.severity is Severity.medium


@pytest.mark.parametrize("refers", [(), ("mysql_query",)])
def test_what_no_application_imports_is_low(refers):
    (finding,) = run(mariadb() | own(refers=refers), imports=False)
    assert (finding.severity, finding.certainty) == (Severity.low, Certainty.possible)


def test_it_is_silent_for_one_file():
    objects = mariadb() | {EXTENSION: thing(refers=["mysql_query"], needed=["libmariadb.so.3"])}
    assert run(objects) == []


def test_it_is_silent_for_mysqlnd():
    assert run({MODULE: thing(["mysqlnd_init", "mysqlnd_connect"])} | own()) == []
