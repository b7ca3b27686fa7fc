"""A daemon's socket that httpd's children cannot open: 503; elsewhere it works."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.real import scan
from tests.real.hosts import users as hosts

pytestmark = pytest.mark.real
CHECK = "daemon-socket-unreachable"
REFUSED = "Unable to connect to WSGI daemon process 'shop'"


def test_a_closed_directory_is_503_and_the_remedy_is_another_place() -> None:
    with hosts.socket_host("sockets/wsgi", mode=0o700) as httpd:
        [finding] = scan.findings(httpd, CHECK)
        assert finding["severity"] == "critical"
        assert httpd.get("/shop")[0] == 503
        assert "(13)Permission denied" in httpd.error_log
        assert REFUSED in httpd.error_log
        httpd.stop()
        remedy = finding["remedy"][0]
        text = httpd.config.read_text()
        httpd.config.write_text(text.replace("WSGISocketPrefix sockets/wsgi", remedy))
        assert scan.findings(httpd, CHECK) == []
        httpd.start()
        try:
            assert httpd.get("/shop") == (200, "works")
        finally:
            hosts.remove_sockets(httpd, Path(remedy.split()[1]))


def test_a_directory_that_is_only_searched_works() -> None:
    with hosts.socket_host("sockets/wsgi", mode=0o711) as httpd:
        assert scan.findings(httpd, CHECK) == []
        assert httpd.get("/shop") == (200, "works")


def test_in_tmp_it_works_and_is_low() -> None:
    with hosts.socket_host("sockets/wsgi", mode=0o1777) as httpd:
        [finding] = scan.findings(httpd, CHECK)
        assert finding["severity"] == "low"
        assert httpd.get("/shop") == (200, "works")


def test_a_socket_of_somebody_else_is_503() -> None:
    with hosts.socket_host("sockets/wsgi", f"socket-user={hosts.ANNA}") as httpd:
        [finding] = scan.findings(httpd, CHECK)
        assert finding["subject"] == "process-group:shop"
        assert httpd.get("/shop")[0] == 503
        assert REFUSED in httpd.error_log


def test_a_path_that_is_too_long_is_no_address() -> None:
    httpd = hosts.socket_host("sockets/wsgi")
    prefix = "sockets/" + "x" * (107 - len(f"{httpd.root}/sockets/"))
    text = httpd.config.read_text()
    httpd.config.write_text(text.replace("sockets/wsgi", prefix))
    [finding] = scan.findings(httpd, CHECK)
    assert "too long" in finding["title"]
    with httpd:
        assert httpd.get("/shop")[0] in {500, 503}
        assert "exceeds maxmimum allowed value" in httpd.error_log
