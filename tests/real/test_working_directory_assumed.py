"""Relative paths fail in / and in another user's home; a chdir moves the neighbour as well."""

from __future__ import annotations

import pytest

from tests.real import scan
from tests.real.hosts import working_directory_assumed as hosts
from tests.real.httpd import Httpd
from tests.real.wsgi import TAIL

pytestmark = pytest.mark.real
CHECK = "working-directory-assumed"


def directories(found: list[scan.Finding]) -> dict[str, str]:
    """Script -> directory that a finding tells."""
    return {
        one["subject"].rpartition("/")[2]: one["evidence"].get("directory", "") for one in found
    }


def test_a_relative_path_fails_where_the_process_works_elsewhere() -> None:
    scripts = dict.fromkeys(("shop", "user", "good"), hosts.READS) | {"file": hosts.BY_FILE}
    lines = hosts.in_group("user", "user=daemon group=daemon")
    httpd = hosts.host(scripts, lines)
    good = hosts.in_group("good", f"home={httpd.script_dir}")
    httpd.config.write_text("\n".join([httpd.config.read_text(), *good, ""]))
    with httpd:
        expected = {"shop.wsgi": "/", "user.wsgi": "/usr/sbin"}
        found = scan.findings(httpd, CHECK)
        assert directories(found) == expected
        assert {one["severity"] for one in found} == {"medium"}
        assert directories(scan.live_findings(httpd, CHECK)) == expected
        for name in ("shop", "user"):
            assert httpd.get(f"/{name}")[0] == 500
        assert httpd.error_log.count(hosts.MISSING) == 2
        for name in ("good", "file"):
            assert httpd.get(f"/{name}") == (200, hosts.PRICE)
        for name in ("shop", "user"):
            (httpd.script_dir / f"{name}.wsgi").write_text(hosts.BY_FILE + hosts.TAIL)
        assert scan.findings(httpd, CHECK) == []
        for name in ("shop", "user"):
            assert httpd.get(f"/{name}") == (200, hosts.PRICE)


def test_a_chdir_moves_the_neighbour() -> None:
    with hosts.host({"shop": hosts.MOVES, "blog": hosts.WHERE}, ["StartServers 1"]) as httpd:
        [finding] = scan.findings(httpd, CHECK)
        assert finding["subject"].endswith("/shop.wsgi/chdir")
        assert httpd.get("/blog") == (200, repr("/"))
        assert httpd.get("/shop") == (200, repr("/tmp"))
        assert {httpd.get("/blog") for _ in range(20)} & {(200, repr("/tmp"))}
    with hosts.host(
        {"shop": hosts.MOVES, "blog": hosts.WHERE}, hosts.in_group("shop", "")
    ) as httpd:
        assert scan.findings(httpd, CHECK) == []
        assert httpd.get("/shop") == (200, repr("/tmp"))
        assert {httpd.get("/blog") for _ in range(20)} == {(200, repr("/"))}


def test_in_the_foreground_it_is_the_directory_of_the_caller() -> None:
    with Httpd(["wsgi"], scripts={"shop": hosts.READS + TAIL}, single=False) as httpd:
        [finding] = scan.live_findings(httpd, CHECK)
        assert finding["evidence"]["directory"] == str(httpd.root)
        assert httpd.get("/shop")[0] == 500
        (httpd.root / "prices.txt").write_text("12 EUR")
        assert scan.live_findings(httpd, CHECK) == []
        assert httpd.get("/shop") == (200, hosts.PRICE)
