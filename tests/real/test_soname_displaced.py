"""A module's older libgear in the place of the extension's own; cured, and only looking alike."""

from __future__ import annotations

import pytest

from tests.real import scan
from tests.real.hosts import soname_displaced as host

pytestmark = pytest.mark.real
CHECK = "soname-displaced"
SILENT: dict[str, tuple[host.Make, str]] = {
    "newer first, version": (lambda: host.cured(host.SPEED), host.SPEED),
    "newer first, function": (lambda: host.cured(host.TEETH), host.TEETH),
    "other soname": (host.near_miss_other_soname, host.SPEED),
    "link": (lambda: host.host(host.TEETH, host.another_path(link=True)), host.TEETH),
    "copy": (lambda: host.host(host.TEETH, host.another_path(link=False)), host.TEETH),
}


@pytest.mark.parametrize("daemon", [False, True])
def test_the_import_fails_for_a_version_that_the_older_one_lacks(*, daemon: bool) -> None:
    with host.failing(host.SPEED, daemon=daemon) as httpd:
        (finding,) = scan.alarms(httpd)
        assert (finding["check"], finding["severity"]) == (CHECK, "critical")
        assert scan.hits_shop(finding)
        (displaced,) = finding["evidence"]["displaced"]
        assert displaced["taken"] == str(host.libgear(1))
        assert displaced["rightful"] == str(host.libgear(2))
        assert displaced["brought_by"].startswith(str(httpd.config))
        assert finding["remedy"][0].startswith("remove the LoadModule or LoadFile line of")
        assert host.MISSING in httpd.get("/shop")[1]


def test_a_function_of_the_older_one_answers() -> None:
    with host.failing(host.TEETH) as httpd:
        (finding,) = scan.alarms(httpd)
        assert (finding["check"], finding["severity"]) == (CHECK, "medium")
        assert scan.hits_shop(finding)
        assert str(host.libgear(1)) in finding["title"]
        assert "mod_gears.so" in scan.openers(finding)
        assert httpd.get("/shop") == (200, host.OTHER_ANSWER)


@pytest.mark.parametrize("variant", SILENT)
def test_the_extension_has_what_it_was_built_for(variant: str) -> None:
    make, question = SILENT[variant]
    with make() as httpd:
        assert scan.alarms(httpd) == []
        assert httpd.get("/shop") == (200, host.WORKING[question])
