"""The packages as `make` builds them, and the small Debian root that they are installed in."""

from __future__ import annotations

import atexit
import functools
import shutil
from pathlib import Path

from tests.real.build import cached, run
from tests.real.httpd import public_directory
from tests.real.release_debs import mirror

REPOSITORY = Path(__file__).parents[2]
EPOCH = "SOURCE_DATE_EPOCH=1790000000"
PRESENT = ("systemd", "systemd-sysv", "openssh-server", "python3-apt")
"""What a managed host has besides the essential packages."""

FETCH = """
cp {deb} "$1"
chroot "$1" apt-get install -q -y --download-only ./{name}
rm "$1"/{name}
"""


@functools.cache
def packages() -> Path:
    """A directory with the wheel, the sdist, the .deb, the .rpm and the single file."""
    directory = public_directory("hostprobe-packages-")
    atexit.register(shutil.rmtree, directory, ignore_errors=True)
    run("make", "-C", REPOSITORY, "deb", "rpm", "single-file", f"DIST={directory}", EPOCH)
    return directory


def package(pattern: str) -> Path:
    """The one that is so named: `*.deb`."""
    (found,) = packages().glob(pattern)
    return found


def debian_root() -> Path:
    """Debian 12 without any of the .deb's dependencies, which apt has fetched there already."""
    deb = package("*.deb")
    depends = run("dpkg-deb", "--field", deb, "Depends", "Recommends")

    def make(directory: Path) -> None:
        options = ["--quiet", "--variant=apt", "--skip=cleanup/apt", "--dpkgopt=force-unsafe-io"]
        options.append(f"--include={','.join(PRESENT)}")
        options.append(f"--customize-hook={FETCH.format(deb=deb, name=deb.name)}")
        run("mmdebstrap", *options, "bookworm", directory, mirror())

    return cached("debian-root", "\n".join((*PRESENT, depends)), make)
