"""A zipped egg with an extension: it cannot be unpacked into /var/www; with a cache it can."""

from __future__ import annotations

import re
import subprocess

import pytest

from tests.real import scan
from tests.real.hosts import egg_cache_unwritable as hosts

pytestmark = pytest.mark.real
CHECK = "egg-cache-unwritable"


def by_script(found: list[scan.Finding]) -> dict[str, scan.Finding]:
    """Name of the script -> its finding."""
    return {
        re.findall(r"/(\w+)\.wsgi", application)[0]: one
        for one in found
        for application in one["affected"]
    }


def test_an_extension_in_a_zipped_egg_needs_a_cache_of_its_users_own() -> None:
    with hosts.EggHttpd() as httpd:
        found = by_script(scan.findings(httpd, CHECK))
        assert found.keys() == {"shop", "open"}
        assert found["shop"]["evidence"]["cache"] == "/var/www/.cache/Python-Eggs"
        assert found["open"]["evidence"]["obstacle"] == f"everybody may write {httpd.root}/open"
        assert {one["severity"] for one in found.values()} == {"high"}
        assert httpd.get("/shop")[0] == 500
        assert hosts.ERROR in httpd.error_log
        assert "'/var/www/.cache'" in httpd.error_log
        for name in ("script", "cured", "open", "unpacked"):
            assert httpd.get(f"/{name}") == hosts.ANSWER
        httpd.stop()
        cure, directive = found["shop"]["remedy"][:2]
        mine = f"{httpd.root}/eggs"
        subprocess.run([*cure.split()[:-1], mine], check=True)
        httpd.add(directive.rpartition(": ")[2].rpartition(" ")[0] + f" {mine}")
        subprocess.run(found["open"]["remedy"][0].split(), check=True)
        assert scan.findings(httpd, CHECK) == []
        httpd.start()
        assert httpd.get("/shop") == hosts.ANSWER
