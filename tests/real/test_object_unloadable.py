"""Objects that do not load: httpd refuses with the linker's text, or the application fails."""

from __future__ import annotations

import pytest

from tests.real import scan
from tests.real.hosts import object_unloadable as host
from tests.real.httpd import Httpd, refusal

pytestmark = pytest.mark.real
CHECK = "object-unloadable"


def judged_unloadable(httpd: Httpd, name: str, says: str) -> bool:
    """One critical finding about the object, with the linker's words."""
    [finding] = scan.about(httpd, CHECK, name)
    assert says in finding["detail"]
    return bool(finding["severity"] == "critical")


@pytest.mark.parametrize("fault", host.FAULTS)
def test_httpd_refuses(fault: str) -> None:
    case = host.FAULTS[fault]()
    httpd = case.failing()
    assert judged_unloadable(httpd, str(case.module), case.says)
    assert case.says in refusal(httpd)


@pytest.mark.parametrize("fault", host.FAULTS)
def test_httpd_starts_with_the_missing_thing(fault: str) -> None:
    with host.FAULTS[fault]().cured() as httpd:
        assert scan.findings(httpd, CHECK) == []
        assert httpd.get("/")[0] == 404


def test_a_module_that_is_not_there_is_refused() -> None:
    case = host.missing_file()
    httpd = case.failing()
    assert judged_unloadable(httpd, str(case.module), case.says)
    assert case.says in refusal(httpd)


def test_an_undefined_weak_symbol_is_harmless() -> None:
    with host.near_miss_weak() as httpd:
        assert scan.findings(httpd, CHECK) == []
        assert httpd.get("/")[0] == 404


def test_a_file_that_is_no_object_is_refused() -> None:
    httpd = host.module_that_is_no_object()
    assert judged_unloadable(httpd, "mod_note.so", "mod_note.so")
    assert "mod_note.so: file too short" in refusal(httpd)


def test_an_object_of_another_machine_is_refused() -> None:
    text = "mod_env.so: cannot open shared object file: No such file or directory"
    httpd = host.module_of_another_machine()
    assert judged_unloadable(httpd, "mod_env.so", "mod_env.so")
    assert text in refusal(httpd)


def test_an_extension_that_does_not_load_is_a_500() -> None:
    with host.failing_extension() as httpd:
        assert judged_unloadable(httpd, "shopspeed", "undefined symbol: spindle")
        assert httpd.get("/shop")[0] == 500
        assert "undefined symbol: spindle" in httpd.error_log


@pytest.mark.parametrize("make", [host.cured_extension, host.near_miss_extension])
def test_an_extension_that_loads_serves(make: host.Make) -> None:
    with make() as httpd:
        assert scan.about(httpd, CHECK, "shopspeed") == []
        assert httpd.get("/shop") == (200, "'shopspeed'")
