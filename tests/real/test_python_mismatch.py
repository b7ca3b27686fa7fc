"""A Python home of another minor version: no packages, or no start; cured, and only alike."""

from __future__ import annotations

import pytest

from tests.real import scan
from tests.real.hosts import python_mismatch as hosts
from tests.real.httpd import refusal

pytestmark = pytest.mark.real
CHECK = "python-mismatch"
SILENT = {
    "venv": hosts.venv,
    "foreign executable": hosts.venv_with_foreign_executable,
    "two libraries": hosts.venv_with_two_libraries,
}
embedded_and_daemon = pytest.mark.parametrize("daemon", [False, True], ids=["embedded", "daemon"])


@embedded_and_daemon
def test_it_starts_and_the_packages_are_missing(*, daemon: bool) -> None:
    with hosts.host(hosts.other_venv, daemon=daemon) as httpd:
        [finding] = scan.findings(httpd, CHECK)
        assert finding["severity"] == "high"
        assert scan.hits_shop(finding)
        assert httpd.get("/shop")[0] == 500
        assert hosts.MISSING in httpd.error_log


@pytest.mark.parametrize("make", [hosts.other_prefix, None], ids=["prefix", "no such home"])
def test_python_does_not_start(make: hosts.Make | None) -> None:
    httpd = hosts.host(make)
    [finding] = scan.findings(httpd, CHECK)
    assert finding["severity"] == "critical"
    assert hosts.NO_START in refusal(httpd)


@embedded_and_daemon
@pytest.mark.parametrize("variant", SILENT)
def test_the_package_is_found(variant: str, *, daemon: bool) -> None:
    with hosts.host(SILENT[variant], daemon=daemon) as httpd:
        assert scan.findings(httpd, CHECK) == []
        assert httpd.get("/shop") == (200, hosts.WORKING)


def test_an_extension_for_another_minor_version_is_not_seen() -> None:
    with hosts.path_host(hosts.other_suffix()) as httpd:
        assert httpd.get("/shop")[0] == 500
        assert hosts.EXTENSION_MISSING in httpd.error_log


def test_an_extension_for_another_minor_version_is_reported() -> None:
    with hosts.path_host(hosts.other_suffix()) as httpd:
        assert len(scan.about(httpd, CHECK, "shopspeed")) == 1


@pytest.mark.parametrize("suffix", ["own", ".abi3.so", ".so"])
def test_an_extension_for_this_or_any_version_is_found(suffix: str) -> None:
    with hosts.path_host(hosts.own_suffix() if suffix == "own" else suffix) as httpd:
        assert scan.findings(httpd, CHECK) == []
        assert httpd.get("/shop") == (200, hosts.EXTENSION_WORKING)
