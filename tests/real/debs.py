"""Debian packages unpacked into .cache, beside the installed ones: other versions, and cures."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

from tests.real.build import cached, run


def offered(package: str) -> list[str]:
    """The versions that apt can download, newest first; the index is fetched if there is none."""
    if not (text := run("apt-cache", "madison", package)) and os.geteuid() == 0:
        run("apt-get", "update", "-q")
        text = run("apt-cache", "madison", package)
    return list(dict.fromkeys(line.split("|")[1].strip() for line in text.splitlines()))


def unpacked(package: str, version: str = "") -> Path:
    """The tree of one package, of the candidate version unless another is named."""
    version = version or offered(package)[0]

    def make(directory: Path) -> None:
        run("apt-get", "download", f"{package}={version}", cwd=directory)
        for archive in list(directory.glob("*.deb")):
            run("dpkg-deb", "-x", archive, directory)
            archive.unlink()
        directory.chmod(0o755)

    return cached(package, version, make)


def upstream(version: str) -> tuple[int, ...]:
    """(3, 0, 22) of "3.0.22-1~deb12u2"."""
    return tuple(int(number) for number in re.findall(r"\d+", version.split("-", maxsplit=1)[0]))


def installed(package: str) -> str:
    """Its version, "" if it is not installed."""
    command = ["dpkg-query", "-W", "-f=${Version}", package]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout
