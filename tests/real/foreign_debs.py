"""Debian packages of other architectures, unpacked into .cache without telling the host's apt.

Architectures of the release come as packages of their own; cross packages, which are ordinary
packages of the host's architecture, bring the libraries of those that are not in it.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from tests.real.build import cached, run

ARCHITECTURES = ("i386", "arm64", "armhf", "armel", "ppc64el", "s390x")
PACKAGES = ("libc6", "libssl3", "libapr1", "libxml2", "zlib1g", "libstdc++6", "apache2-bin")
CROSS_FOLDERS = {
    "riscv64": "riscv64",
    "powerpc": "powerpc",
    "ppc64": "powerpc64",
    "x32": "x86_64",
}
CROSS_ARCHITECTURES = tuple(CROSS_FOLDERS)
CROSS_PACKAGES = ("libc6-{}-cross", "libstdc++6-{}-cross", "libgcc-s1-{}-cross")
CONFIGURATION = """
APT::Architecture "{native}";
APT::Architectures {{ "{native}"; {foreign} }};
Dir::State "{directory}/state";
Dir::State::status "{directory}/status";
Dir::Cache "{directory}/cache";
Dir::Etc::SourceList "{directory}/sources.list";
Dir::Etc::SourceParts "-";
Acquire::Languages "none";
Acquire::Retries "3";
"""


def of_release(architecture: str) -> Path:
    """The tree of PACKAGES for one of ARCHITECTURES."""
    packages = [f"{name}:{one}" for one in ARCHITECTURES for name in PACKAGES]

    def make(directory: Path) -> None:
        unpack(packages, directory, {"APT_CONFIG": str(index() / "apt.conf")})

    return cached("foreign", " ".join(packages), make) / architecture


def of_cross_compiler(architecture: str) -> Path:
    """The tree of the cross compiler's libraries for one of CROSS_ARCHITECTURES."""
    packages = [name.format(one) for one in CROSS_ARCHITECTURES for name in CROSS_PACKAGES]

    def make(directory: Path) -> None:
        unpack(packages, directory, {})

    tree = cached("cross", " ".join(packages), make)
    (found,) = (tree / "all/usr").glob(f"{CROSS_FOLDERS[architecture]}-linux-gnu*")
    return found


def assembler(target: str) -> tuple[Path, dict[str, str]]:
    """Prefix of the binutils for a GNU target such as s390x-linux-gnu, and what they run with."""
    package = f"binutils-{target}"

    def make(directory: Path) -> None:
        unpack([package], directory, {})

    (root,) = cached(package, package, make).iterdir()
    libraries = ":".join(map(str, (root / "usr/lib").glob("*-linux-gnu")))
    return root / "usr/bin" / f"{target}-", {"LD_LIBRARY_PATH": libraries}


def unpack(packages: list[str], directory: Path, environment: dict[str, str]) -> None:
    """Download, and unpack each into a directory named after its architecture."""
    command = ["apt-get", "download", "-q", *packages]
    subprocess.run(
        command, cwd=directory, env=os.environ | environment, check=True, capture_output=True
    )
    for archive in list(directory.glob("*.deb")):
        run("dpkg-deb", "-x", archive, directory / archive.stem.rpartition("_")[2])
        archive.unlink()


def index() -> Path:
    """A directory with apt's lists of the other architectures, of the host's release and mirror."""
    return configured(cached("foreign-index", " ".join(ARCHITECTURES), fill_index))


def fill_index(directory: Path) -> None:
    for name in ("state/lists/partial", "cache/archives/partial"):
        (directory / name).mkdir(parents=True)
    (directory / "status").touch()
    uri, codename = run("apt-get", "indextargets", "--format", "$(REPO_URI) $(CODENAME)").split()[
        :2
    ]
    source = f"deb [arch={','.join(ARCHITECTURES)}] {uri} {codename} main\n"
    (directory / "sources.list").write_text(source)
    run("env", f"APT_CONFIG={configured(directory)}/apt.conf", "apt-get", "update", "-q")


def configured(directory: Path) -> Path:
    """The same directory, which apt.conf has to name."""
    text = CONFIGURATION.format(
        native=run("dpkg", "--print-architecture").strip(),
        foreign=" ".join(f'"{one}";' for one in ARCHITECTURES),
        directory=directory,
    )
    (directory / "apt.conf").write_text(text)
    return directory


def objects(tree: Path) -> list[Path]:
    """Its ELF executables and shared objects."""
    return sorted(path for path in tree.rglob("*") if is_object(path))


def is_object(path: Path) -> bool:
    if path.is_symlink() or not path.is_file():
        return False
    with path.open("rb") as file:
        head = file.read(20)
    order = "big" if head[5:6] == b"\2" else "little"
    return head[:4] == b"\x7fELF" and int.from_bytes(head[16:18], order) in {2, 3}
