"""The sockets of mod_wsgi's daemons, and whether httpd's children come to them."""

import pytest
from hostprobe_checks.daemon_socket_unreachable import daemon_socket_unreachable

from hostprobe.check import Certainty, Severity
from hostprobe.facts.mod_wsgi import ModWsgiBuild
from tests.model.permitted import USUAL, group, one_instance, permitted

MODULE = "/mods/mod_wsgi.so"
SHOP = group("shop", "shop", "shop")


def run(prefix="logs/wsgi", *, groups=(SHOP,), build=None, owners=(), said=USUAL):
    said = (*said, ("WSGISocketPrefix", prefix)) if prefix else said
    one = one_instance(said=said, groups=groups, mod_wsgi=MODULE)
    contents = {MODULE: (ModWsgiBuild("4.9.4", build),)}
    directories = {"/etc/apache2/logs": (0o755, 0, 0), "/run/apache2": (0o755, 0, 0)}
    directories |= {"/tmp": (0o1777, 0, 0)} | dict(owners)
    return list(daemon_socket_unreachable.body(permitted(one, contents, directories)))


CLOSED = {"/etc/apache2/logs": (0o700, 0, 0)}


def test_it_fires_for_a_directory_that_is_closed_to_the_children():
    (finding,) = run(owners=CLOSED)
    assert finding.severity is Severity.critical
    assert finding.title == (
        "www-data may not search /etc/apache2/logs, where the daemons' sockets are"
    )
    assert finding.affected == ("process group shop",)
    assert finding.remedy[0] == "WSGISocketPrefix /var/run/wsgi"
    assert finding.remedy[1] == "Or: chmod o+x /etc/apache2/logs"


def test_it_is_silent_for_a_directory_that_is_searched():
    assert run() == []
    assert run(owners={"/etc/apache2/logs": (0o711, 0, 0)}) == []


def test_it_fires_for_the_default_of_the_build():
    (finding,) = run(None, build="/run/apache2/wsgi", owners={"/run/apache2": (0o700, 0, 0)})
    assert finding.evidence["where"] == "compiled into mod_wsgi"
    (finding,) = run(None, build="logs/wsgi", owners=CLOSED)
    assert finding.subject == "path:/etc/apache2/logs"


def test_it_is_silent_where_the_default_is_not_known():
    assert run(None, owners=CLOSED) == []


def test_it_is_silent_for_a_directory_that_is_made_at_the_start():
    assert run("/run/later/wsgi") == []


def test_it_is_silent_without_daemons():
    assert run(groups=(), owners=CLOSED) == []


def test_it_is_low_where_everyone_may_write():
    (finding,) = run("/tmp/wsgi")
    assert finding.severity is Severity.low


@pytest.mark.parametrize(
    ("longest", "certainty"),
    [
        (".9999999.0.1.sock", None),
        ("9999999.0.1.sock", Certainty.likely),
        (".9.0.1.sock", Certainty.likely),
        ("9.0.1.sock", Certainty.certain),
    ],
)
def test_it_fires_for_a_path_longer_than_an_address(longest, certainty):
    found = run("/run/" + "x" * (107 - len("/run/") - len(longest)))
    assert [one.certainty for one in found] == ([certainty] if certainty else [])


@pytest.mark.parametrize(("owner", "fires"), [("shop", True), ("www-data", False), ("#33", False)])
def test_it_fires_for_a_socket_of_somebody_else(owner, fires):
    one = group("shop", "shop", "shop", **{"socket-user": owner})
    assert [finding.subject for finding in run(groups=(one,))] == ["process-group:shop"] * fires


def test_it_judges_nothing_for_children_that_are_not_known():
    assert run(owners=CLOSED, said=()) == []
