"""Code that others may change is named; they change it, and it runs; closed, they cannot."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator

import pytest

from tests.real import scan
from tests.real.hosts import code_writable_by_others as hosts
from tests.real.hosts.code_writable_by_others import Host, plant

pytestmark = pytest.mark.real
CHECK = "code-writable-by-others"
Judged = tuple[Host, dict[str, scan.Finding]]


@pytest.fixture(scope="module")
def host() -> Iterator[Judged]:
    """The running server, and what the scan before its start found, by component."""
    httpd = Host()
    found = {one["subject"]: one for one in scan.findings(httpd, CHECK)}
    with httpd:
        yield httpd, found


def cure(finding: scan.Finding) -> None:
    subprocess.run(["sh", "-c", finding["remedy"][0]], check=True)


def test_these_three_are_found_and_nothing_else(host: Judged) -> None:
    httpd, found = host
    assert {name: one["evidence"]["writable_by"] for name, one in found.items()} == {
        f"path:{httpd.scripts['script']}": "everyone",
        f"path:{httpd.library}": "everyone",
        f"path:{httpd.scripts['self']}": "www-data",
    }
    assert {one["severity"] for one in found.values()} == {"high"}


def test_everyone_writes_a_script_of_mode_0666(host: Judged) -> None:
    httpd, found = host
    script = httpd.scripts["script"]
    assert httpd.get("/script") == (200, "own")
    assert plant(script, hosts.PLANTED)
    assert httpd.get("/script") == (200, "planted")
    cure(found[f"path:{script}"])
    assert not plant(script, hosts.APP)
    assert httpd.get("/script")[0] == 200


def test_everyone_adds_a_module_to_a_sticky_import_path(host: Judged) -> None:
    httpd, found = host
    assert plant(httpd.library / "colorsys.py", hosts.MODULE)
    assert httpd.get("/path") == (200, "planted")
    cure(found[f"path:{httpd.library}"])
    assert not plant(httpd.library / "wave.py", hosts.MODULE)


def test_an_application_of_the_apache_user_changes_itself(host: Judged) -> None:
    httpd, found = host
    script = httpd.scripts["self"]
    assert httpd.get("/self") == (200, "own")
    assert "changed by itself" in script.read_text()
    cure(found[f"path:{script}"])
    assert httpd.get("/self") == (200, "refused")


def test_a_file_for_all_behind_a_closed_directory_is_nobody_s(host: Judged) -> None:
    assert not plant(host[0].scripts["alike"], hosts.PLANTED)
    assert host[0].get("/alike") == (200, "own")


def test_cured_it_is_silent(host: Judged) -> None:
    for finding in host[1].values():
        cure(finding)
    (host[0].library / "colorsys.py").unlink(missing_ok=True)
    assert scan.findings(host[0], CHECK) == []
