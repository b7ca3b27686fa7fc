"""Two Python libraries in httpd: it does not start, or the wrong one answers; one is silent."""

from __future__ import annotations

import pytest

from tests.real import scan
from tests.real.hosts import libpython_duplicated as host
from tests.real.httpd import refusal

pytestmark = pytest.mark.real
CHECK = "libpython-duplicated"
BOTH = {"libpython3.9.so.1.0", "libpython3.11.so.1.0"}


def sonames(finding: scan.Finding) -> set[str]:
    return {one["soname"] for one in finding["evidence"]["copies"]}


def test_mod_wsgi_behind_another_python_does_not_start() -> None:
    httpd = host.host(host.older(), host.OLD, first=True)
    (finding,) = scan.findings(httpd, CHECK)
    assert (finding["severity"], sonames(finding)) == ("critical", BOTH)
    assert any("mod_wsgi.so" in one["object"] for one in finding["evidence"]["crossings"])
    assert "No module named 'encodings'" in refusal(httpd)


@pytest.mark.parametrize("daemon", [False, True])
def test_behind_mod_wsgi_the_other_one_is_split(*, daemon: bool) -> None:
    with host.host(host.older(), host.OLD, daemon=daemon) as httpd:
        (finding,) = scan.findings(httpd, CHECK)
        assert (finding["severity"], sonames(finding)) == ("critical", BOTH)
        (crossing,) = [one for one in finding["evidence"]["crossings"] if "mod_" in one["object"]]
        assert crossing["symbols"] == ["Py_GetVersion"]
        assert httpd.get("/shop") == (200, host.ANOTHER)


@pytest.mark.parametrize(
    "make",
    [
        lambda: host.host(host.older(), host.COMMON),
        lambda: host.extension_linked_with(host.older()),
    ],
)
def test_a_second_one_that_nobody_calls_is_medium(make: host.Make) -> None:
    with make() as httpd:
        (finding,) = scan.findings(httpd, CHECK)
        assert (finding["severity"], sonames(finding)) == ("medium", BOTH)
        assert httpd.get("/shop") == (200, host.ANOTHER)


@pytest.mark.parametrize(
    "make",
    [
        lambda: host.host(host.mod_wsgis(), host.COMMON),
        lambda: host.extension_linked_with(host.mod_wsgis()),
    ],
)
def test_one_python_for_all_is_silent(make: host.Make) -> None:
    with make() as httpd:
        assert scan.alarms(httpd) == []
        assert httpd.get("/shop") == (200, host.ANOTHER)
