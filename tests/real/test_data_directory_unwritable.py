"""Writing under httpd's user to root's directories fails as predicted; given to it, it works."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator

import pytest

from tests.real import scan
from tests.real.build import run
from tests.real.hosts.data_directory_unwritable import Host

pytestmark = pytest.mark.real
CHECK = "data-directory-unwritable"
Judged = tuple[Host, dict[str, scan.Finding]]
FAILURES = {
    "log": ("PermissionError: [Errno 13] Permission denied", "1"),
    "database": ("sqlite3.OperationalError: attempt to write a readonly database", "1"),
}


@pytest.fixture(scope="module")
def host() -> Iterator[Judged]:
    """The running server, and what the scan before its start found, by component."""
    httpd = Host()
    found = {one["subject"]: one for one in scan.findings(httpd, CHECK)}
    with httpd:
        yield httpd, found


@pytest.mark.parametrize("name", FAILURES)
def test_it_fails_until_the_remedy(host: Judged, name: str) -> None:
    httpd, found = host
    error, answer = FAILURES[name]
    finding = found[f"path:{httpd.root}/data/{name}"]
    assert finding["severity"] == "high"
    assert httpd.get(f"/{name}")[0] == 500
    assert error in httpd.error_log
    subprocess.run(["sh", "-c", finding["remedy"][0]], check=True)
    assert httpd.get(f"/{name}") == (200, answer)


@pytest.mark.parametrize(("name", "answer"), [("own", "1"), ("read", "'12'")])
def test_what_is_its_own_and_what_is_only_read_works(host: Judged, name: str, answer: str) -> None:
    assert f"path:{host[0].root}/data/{name}" not in host[1]
    assert host[0].get(f"/{name}") == (200, answer)


def test_cured_it_is_silent(host: Judged) -> None:
    assert len(host[1]) == len(FAILURES)
    for finding in host[1].values():
        subprocess.run(["sh", "-c", finding["remedy"][0]], check=True)
    assert scan.findings(host[0], CHECK) == []


def test_a_read_only_mount_refuses_its_owner_too(host: Judged) -> None:
    httpd = host[0]
    place = httpd.root / "data/own"
    run("mount", "--bind", place, place)
    try:
        run("mount", "-o", "remount,bind,ro", place)
        [finding] = scan.findings(httpd, CHECK)
        assert finding["subject"] == f"path:{place}"
        assert httpd.get("/own")[0] == 500
        assert "Read-only file system" in httpd.error_log
        run("sh", "-c", finding["remedy"][0])
        assert httpd.get("/own") == (200, "1")
        assert scan.findings(httpd, CHECK) == []
    finally:
        run("umount", "--lazy", place)
