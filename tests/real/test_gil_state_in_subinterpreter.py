"""Extensions that need the main interpreter stop another one for ever; cured; and what is alike."""

from __future__ import annotations

import pytest

from tests.real import scan
from tests.real.hosts import gil_state as hosts
from tests.real.httpd import Httpd

pytestmark = pytest.mark.real
CHECK = "gil-state-in-subinterpreter"
WAITED = 5.0
"""Seconds after which a request counts as never answered; the cured one takes 0.2."""


def worth_saying(httpd: Httpd) -> list[scan.Finding]:
    return [one for one in scan.findings(httpd, CHECK) if one["severity"] != "info"]


@pytest.mark.parametrize("make", [hosts.gi_host, hosts.swig_host], ids=["python3-gi", "swig"])
def test_the_request_never_ends(make) -> None:
    with make() as httpd:
        [finding] = worth_saying(httpd)
        assert finding["severity"] == "high"
        assert scan.hits_shop(finding)
        with pytest.raises(TimeoutError):
            httpd.get("/shop", WAITED)


@pytest.mark.parametrize("make", [hosts.gi_host, hosts.swig_host], ids=["python3-gi", "swig"])
def test_in_the_main_interpreter_it_ends(make) -> None:
    with make(hosts.MAIN) as httpd:
        assert scan.findings(httpd, CHECK) == []
        assert httpd.get("/shop", WAITED)[0] == 200


def test_bindings_of_swig_without_threads_work_anywhere() -> None:
    with hosts.swig_host(threads=False) as httpd:
        assert worth_saying(httpd) == []
        assert httpd.get("/shop", WAITED) == (200, "4")


def test_an_import_in_a_function_of_sqlite3_looks_in_the_main_interpreter() -> None:
    with hosts.callback_host("importing") as httpd:
        [finding] = worth_saying(httpd)
        assert finding["severity"] == "medium"
        assert finding["evidence"]["callbacks"][0]["function"] == "importing"
        assert httpd.get("/shop")[0] == 500
        assert "user-defined function raised exception" in httpd.error_log


def test_in_the_main_interpreter_it_finds_its_module() -> None:
    with hosts.callback_host("importing", hosts.MAIN) as httpd:
        assert scan.findings(httpd, CHECK) == []
        assert httpd.get("/shop") == (200, hosts.ANSWER)


def test_callbacks_that_import_nothing_work_anywhere() -> None:
    with hosts.callback_host("plain") as httpd:
        assert worth_saying(httpd) == []
        assert httpd.get("/shop") == (200, hosts.ANSWER)


def test_most_that_refer_to_it_are_harmless_and_only_listed() -> None:
    with hosts.usual_host() as httpd:
        [finding] = worth_saying(httpd)
        assert (finding["severity"], finding["certainty"]) == ("low", "possible")
        assert httpd.get("/shop")[0] == 200
