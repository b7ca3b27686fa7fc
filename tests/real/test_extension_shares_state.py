"""The second interpreter's import fails; cured; and modules that share well."""

from __future__ import annotations

import pytest

from tests.real import scan
from tests.real.hosts import interpreters as hosts
from tests.real.remedy import apply_separation

pytestmark = pytest.mark.real
CHECK = "extension-shares-state"
CYTHON = "Interpreter change detected - this module can only be loaded into one interpreter"
PYO3 = "PyO3 modules do not yet support subinterpreters"
ONCE = "cannot load module more than once per process"
REFUSED = {
    "lxml.etree": CYTHON,
    "bcrypt": PYO3,
    "cryptography.hazmat.bindings._rust": PYO3,
    "numpy": ONCE,
}


def test_the_import_fails_in_the_second_interpreter_of_a_process() -> None:
    with hosts.host(hosts.pairs(*REFUSED)) as httpd:
        [finding] = scan.findings(httpd, CHECK)
        assert finding["severity"] == "high"
        said = {
            one["module"].split(".")[0]: one["says"] for one in finding["evidence"]["extensions"]
        }
        for number, (module, error) in enumerate(REFUSED.items()):
            assert said[module.split(".")[0]] in error
            assert [httpd.get(f"/{site}-{number}")[0] for site in hosts.SITES] == [200, 500]
            assert error in httpd.error_log


def test_a_daemon_process_group_is_one_process_too_and_the_remedy_cures() -> None:
    scripts = hosts.both("lxml.etree", "bcrypt")
    with hosts.host(scripts, daemon="sites threads=2") as httpd:
        [finding] = scan.findings(httpd, CHECK)
        assert finding["subject"] == "process-group:sites"
        assert [httpd.get(f"/{site}")[0] for site in hosts.SITES] == [200, 500]
    httpd = hosts.host(scripts, daemon="sites threads=2")
    apply_separation(httpd, *scan.findings(httpd, CHECK))
    with httpd:
        assert scan.findings(httpd, CHECK) == []
        assert [httpd.get(f"/{site}")[0] for site in hosts.SITES] == [200, 200]


def test_a_refusal_that_is_caught_leaves_one_application_without_the_module() -> None:
    caught = "try:\n    import bcrypt\nexcept ImportError:\n    bcrypt = None\n"
    scripts = {
        site: caught + hosts.script(site, body="return bool(bcrypt)") for site in hosts.SITES
    }
    with hosts.host(scripts) as httpd:
        [finding] = scan.findings(httpd, CHECK)
        assert (finding["severity"], finding["certainty"]) == ("medium", "possible")
        assert [httpd.get(f"/{site}") for site in hosts.SITES] == [(200, "True"), (200, "False")]
        assert PYO3 not in httpd.error_log


def test_a_script_of_authentication_has_an_interpreter_too() -> None:
    with hosts.behind_a_login("bcrypt") as httpd:
        [finding] = scan.findings(httpd, CHECK)
        assert finding["affected"][1] == f"WSGIAuthUserScript {httpd.script_dir}/login.py"
        assert httpd.get("/shop", login="a:b")[0] == 500
        assert PYO3 in httpd.error_log


def test_modules_that_share_well_are_not_reported() -> None:
    with hosts.good() as httpd:
        assert scan.findings(httpd, CHECK) == []
        assert [httpd.get(f"/{site}") for site in hosts.SITES] == [(200, "'used'")] * 2


def test_one_interpreter_for_both_is_no_second_one() -> None:
    scripts = hosts.both("lxml.etree", "numpy")
    with hosts.host(scripts, ["WSGIApplicationGroup %{GLOBAL}"]) as httpd:
        assert scan.findings(httpd, CHECK) == []
        assert [httpd.get(f"/{site}")[0] for site in hosts.SITES] == [200, 200]


def test_numpy_alone_warns_and_lxml_alone_says_nothing() -> None:
    scripts = {"shop": hosts.script("shop", "numpy", "lxml.etree")}
    with hosts.host(scripts) as httpd:
        found = scan.findings(httpd, CHECK)
        assert [one["severity"] for one in found] == ["low", "info"]
        assert httpd.get("/shop")[0] == 200
        assert "NumPy does not properly support sub-interpreters" in httpd.error_log
