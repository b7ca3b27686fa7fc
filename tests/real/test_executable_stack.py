"""The stack of a real httpd becomes executable, or stays as it is; glibc 2.41 refuses."""

from __future__ import annotations

import pytest

from tests.real import scan
from tests.real.hosts import executable_stack as host

pytestmark = pytest.mark.real
CHECK = "executable-stack"


@pytest.mark.parametrize("daemon", [False, True])
def test_an_extension_makes_the_stack_executable(*, daemon: bool) -> None:
    with host.of_extension(host.ASKING, daemon=daemon) as httpd:
        (finding,) = scan.findings(httpd, CHECK)
        assert (finding["severity"], scan.hits_shop(finding)) == ("medium", True)
        assert finding["evidence"]["extensions"] == [finding["evidence"]["object"]]
        assert httpd.get("/shop") == (200, host.EXECUTABLE)


def test_a_module_makes_the_stack_executable() -> None:
    with host.of_module(host.ASKING) as httpd:
        (finding,) = scan.findings(httpd, CHECK)
        assert (finding["severity"], finding["certainty"]) == ("medium", "certain")
        assert finding["evidence"]["brought_by"].startswith(str(httpd.config))
        assert httpd.get("/shop") == (200, host.EXECUTABLE)


@pytest.mark.parametrize("make", [host.of_extension, host.of_module])
def test_without_the_flag_it_stays_as_it_is(make: host.Make) -> None:
    with make(host.PLAIN) as httpd:
        assert scan.alarms(httpd) == []
        assert httpd.get("/shop") == (200, host.ORDINARY)
