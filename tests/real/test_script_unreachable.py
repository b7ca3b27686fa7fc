"""A closed component on the way to an application: 403 or 500, named before; opened, it works."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator

import pytest

from tests.real import scan
from tests.real.hosts import script_unreachable as hosts
from tests.real.hosts.script_unreachable import Host, Shop

pytestmark = pytest.mark.real
CHECK = "script-unreachable"
DENIED = "Permission denied"


@pytest.fixture(scope="module")
def host() -> Iterator[tuple[Host, dict[str, scan.Finding]]]:
    """The running server, and what the scan before its start found, by component."""
    httpd = Host()
    found = {one["subject"]: one for one in scan.findings(httpd, CHECK)}
    with httpd:
        yield httpd, found


Judged = tuple[Host, dict[str, scan.Finding]]


def named(shops: list[Shop]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("shop", shops, ids=lambda shop: shop.name)


def finding_of(judged: Judged, shop: Shop) -> scan.Finding:
    found = [one for one in judged[1].values() if f"/{shop.name} " in "".join(one["affected"])]
    assert len(found) == 1
    return found[0]


def cured(host: Host, shop: Shop, finding: scan.Finding) -> None:
    """Its first remedy, as a shell runs it, lets the application answer and ends the finding."""
    subprocess.run(["sh", "-c", finding["remedy"][0]], check=True)
    assert host.get(f"/{shop.name}") == (200, "works")
    left = scan.findings(host, CHECK)
    assert not [one for one in left if f"/{shop.name} " in "".join(one["affected"])]


@named(hosts.OPEN)
def test_what_both_users_can_reach_works_and_is_silent(host: Judged, shop: Shop) -> None:
    assert not [one for one in host[1].values() if f"/{shop.name} " in "".join(one["affected"])]
    assert host[0].get(f"/{shop.name}") == (200, "works")


@named(hosts.CHILD)
def test_the_child_has_to_come_to_the_script(host: Judged, shop: Shop) -> None:
    finding = finding_of(host, shop)
    assert finding["severity"] == "critical"
    assert finding["title"].startswith("www-data may not")
    assert host[0].get(f"/{shop.name}")[0] == 403
    assert "AH00529" in host[0].error_log or "AH00035" in host[0].error_log
    assert DENIED in host[0].error_log
    cured(host[0], shop, finding)


@named(hosts.RUNNER)
def test_the_process_that_runs_it_has_to_read_the_script(host: Judged, shop: Shop) -> None:
    finding = finding_of(host, shop)
    assert finding["subject"] == f"path:{host[0].script(shop)}"
    assert host[0].get(f"/{shop.name}")[0] == 500
    assert DENIED in host[0].error_log
    assert str(host[0].script(shop)) in host[0].error_log
    cured(host[0], shop, finding)


def test_the_owner_of_a_closed_script_can_run_it(host: Judged) -> None:
    finding = finding_of(host, next(s for s in hosts.RUNNER if s.name == "secret-of-owner"))
    assert finding["remedy"][-1].endswith(f"user={hosts.OWNER}")


def test_an_import_path_that_cannot_be_listed_is_empty(host: Judged) -> None:
    finding = finding_of(host, hosts.IMPORTED)
    assert finding["subject"] == f"path:{host[0].packages}"
    assert host[0].get("/importing")[0] == 500
    assert "No module named 'shopkit'" in host[0].error_log
    subprocess.run(["sh", "-c", finding["remedy"][0]], check=True)
    assert scan.findings(host[0], CHECK) == []
    host[0].stop()
    host[0].start()
    assert host[0].get("/importing") == (200, "works")
