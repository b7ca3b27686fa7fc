"""Objects that do not load: httpd refuses with the linker's text, or the application fails."""

from __future__ import annotations

import pytest

from tests.real.hosts import object_unloadable as host
from tests.real.httpd import refusal

pytestmark = pytest.mark.real


@pytest.mark.parametrize("fault", host.FAULTS)
def test_httpd_refuses(fault: str) -> None:
    case = host.FAULTS[fault]()
    assert case.says in refusal(case.failing())


@pytest.mark.parametrize("fault", host.FAULTS)
def test_httpd_starts_with_the_missing_thing(fault: str) -> None:
    with host.FAULTS[fault]().cured() as httpd:
        assert httpd.get("/")[0] == 404


def test_a_module_that_is_not_there_is_refused() -> None:
    case = host.missing_file()
    assert case.says in refusal(case.failing())


def test_an_undefined_weak_symbol_is_harmless() -> None:
    with host.near_miss_weak() as httpd:
        assert httpd.get("/")[0] == 404


def test_a_file_that_is_no_object_is_refused() -> None:
    assert "mod_note.so: file too short" in refusal(host.module_that_is_no_object())


def test_an_object_of_another_machine_is_refused() -> None:
    text = "mod_env.so: cannot open shared object file: No such file or directory"
    assert text in refusal(host.module_of_another_machine())


def test_an_extension_that_does_not_load_is_a_500() -> None:
    with host.failing_extension() as httpd:
        assert httpd.get("/shop")[0] == 500
        assert "undefined symbol: spindle" in httpd.error_log


@pytest.mark.parametrize("make", [host.cured_extension, host.near_miss_extension])
def test_an_extension_that_loads_serves(make: host.Make) -> None:
    with make() as httpd:
        assert httpd.get("/shop") == (200, "'shopspeed'")
