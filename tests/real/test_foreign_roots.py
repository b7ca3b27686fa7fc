"""Roots that are no whole host: the first sentence says what is there and what is not."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tests.real.hosts.bad_input import SCAN, command, copied
from tests.real.httpd import public_directory

pytestmark = pytest.mark.real
CLOSED = "/etc/apache2/apache2.conf"
AS_NOBODY = {"user": 65534, "group": 65534, "extra_groups": [], "cwd": "/"}


@pytest.mark.parametrize("folders", [(), ("etc/apache2",)])
def test_a_root_without_httpd_is_not_applicable(tmp_path: Path, folders: tuple[str, ...]) -> None:
    for folder in folders:
        shutil.copytree(Path("/", folder), tmp_path / folder, symlinks=True)
    done = command(*SCAN, "--root", str(tmp_path))
    assert done.status == 0
    assert "No Apache httpd is installed here: none of /usr/sbin/apache2" in done.text
    assert "Findings: none." in done.text


def test_a_root_that_is_none_is_one_line() -> None:
    for place, reason in (("/none", "no such file or directory"), ("/etc/passwd", "not a dir")):
        done = command(*SCAN, "--root", place)
        assert (done.status, done.out) == (2, "")
        assert done.err.startswith(f"hostprobe scan: --root {place}: {reason}")


@pytest.mark.skipif(os.geteuid() != 0, reason="becomes another user")
@pytest.mark.parametrize("closed", [CLOSED, "/etc/apache2"])
def test_a_configuration_that_is_closed_to_us_is_unknown(bad_template: Path, closed: str) -> None:
    folder = public_directory()
    try:
        host = copied(bad_template, folder / "root")
        host.write(CLOSED, "LoadModule wsgi_module x\n")
        host.path(closed).chmod(0)
        done = host.scan(**AS_NOBODY)
    finally:
        shutil.rmtree(folder)
    assert done.status == 3, done.out
    reason = f"{CLOSED}: permission denied"
    assert f"Not run: It is not known whether httpd loads mod_wsgi: {reason}" in done.text
    assert "Not running as root: " in done.text
    assert f" could not be read, the first is {CLOSED}" in done.text
    assert "would not start" not in done.text
