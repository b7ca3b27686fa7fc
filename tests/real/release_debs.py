"""Packages of other Debian releases, unpacked into .cache without telling the host's apt."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from tests.real.build import cached, run

CONFIGURATION = """
Dir::State "{directory}/state";
Dir::State::status "{directory}/status";
Dir::Cache "{directory}/cache";
Dir::Etc::SourceList "{directory}/sources.list";
Dir::Etc::SourceParts "-";
Acquire::Languages "none";
Acquire::Retries "3";
"""


def of_release(codename: str, *packages: str) -> Path:
    """One tree with these packages of `bullseye` or `trixie`, whatever they depend on left out."""

    def make(directory: Path) -> None:
        environment = os.environ | {"APT_CONFIG": str(index(codename))}
        command = ["apt-get", "download", "-q", *packages]
        subprocess.run(command, cwd=directory, env=environment, check=True, capture_output=True)
        for archive in list(directory.glob("*.deb")):
            run("dpkg-deb", "-x", archive, directory)
            archive.unlink()
        directory.chmod(0o755)

    return cached(f"{codename}-{packages[0]}", " ".join(packages), make)


def index(codename: str) -> Path:
    """An apt.conf(5) whose lists are those of the release, fetched once."""

    def make(directory: Path) -> None:
        for name in ("state/lists/partial", "cache/archives/partial"):
            (directory / name).mkdir(parents=True)
        (directory / "status").touch()
        (directory / "sources.list").write_text(f"deb {mirror()} {codename} main\n")
        run("env", f"APT_CONFIG={configured(directory)}", "apt-get", "update", "-q")

    return configured(cached(f"index-{codename}", codename, make))


def mirror() -> str:
    """Where the host's own packages come from, its security archive left out."""
    targets = run("apt-get", "indextargets", "--format", "$(REPO_URI)").split()
    return next(one for one in targets if "security" not in one)


def configured(directory: Path) -> Path:
    """Its apt.conf, which has to name the directory that it is in now."""
    path = directory / "apt.conf"
    path.write_text(CONFIGURATION.format(directory=directory))
    return path
