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


def of_release(codename: str, *packages: str, architecture: str = "") -> Path:
    """One tree with these packages of `bullseye` or `trixie`, whatever they depend on left out.

    `architecture`: another than this machine's.
    """

    def make(directory: Path) -> None:
        environment = os.environ | {"APT_CONFIG": str(index(codename, architecture))}
        command = ["apt-get", "download", "-q", *packages]
        subprocess.run(command, cwd=directory, env=environment, check=True, capture_output=True)
        for archive in list(directory.glob("*.deb")):
            run("dpkg-deb", "-x", archive, directory)
            archive.unlink()
        directory.chmod(0o755)

    key = " ".join((*packages, architecture)).strip()
    return cached(f"{codename}-{packages[0]}", key, make)


def index(codename: str, architecture: str = "") -> Path:
    """An apt.conf(5) whose lists are those of the release, fetched once."""

    def make(directory: Path) -> None:
        for name in ("state/lists/partial", "cache/archives/partial"):
            (directory / name).mkdir(parents=True)
        (directory / "status").touch()
        (directory / "sources.list").write_text(f"deb {mirror()} {codename} main\n")
        run("env", f"APT_CONFIG={configured(directory, architecture)}", "apt-get", "update", "-q")

    return configured(
        cached(f"index-{codename}", f"{codename} {architecture}".strip(), make), architecture
    )


def mirror() -> str:
    """Where the host's own packages come from, its security archive left out."""
    targets = run("apt-get", "indextargets", "--format", "$(REPO_URI)").split()
    return next(one for one in targets if "security" not in one)


def configured(directory: Path, architecture: str = "") -> Path:
    """Its apt.conf, which has to name the directory that it is in now."""
    path = directory / "apt.conf"
    chosen = f'APT::Architectures {{ "{architecture}"; }};\nAPT::Architecture "{architecture}";\n'
    path.write_text((chosen if architecture else "") + CONFIGURATION.format(directory=directory))
    return path
