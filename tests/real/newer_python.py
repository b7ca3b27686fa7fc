"""A root with httpd, Python 3.13 of Debian 13 and mod_wsgi 6, and an httpd that runs inside it."""

from __future__ import annotations

import contextlib
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.real.build import cached, httpd_headers, run
from tests.real.httpd import Httpd
from tests.real.release_debs import of_release

PACKAGES = (
    *("libpython3.13-dev", "libpython3.13", "libpython3.13-minimal", "libpython3.13-stdlib"),
    *("python3.13-minimal", "libreadline8t64", "libncursesw6", "libtinfo6", "liblzma5"),
    *("libsqlite3-0", "libdb5.3t64"),
    *("apache2-bin", "libapr1t64", "libaprutil1t64", "libpcre2-8-0", "libexpat1", "libcrypt1"),
    *("libuuid1", "zlib1g", "libc6", "libssl3t64", "libffi8", "libzstd1", "libbz2-1.0"),
)
SDIST = "mod_wsgi==6.1.1"
WHEELS = ("psutil==7.2.2", "MarkupSafe==3.0.4", "PyYAML==6.0.3")
ACCOUNTS = {
    "passwd": "root:x:0:0::/root:/bin/sh\nwww-data:x:33:33::/var/www:/bin/sh\n",
    "group": "root:x:0:\nwww-data:x:33:\n",
}
BINARY = Path("/usr/sbin/apache2")
MODULE = Path("/usr/lib/apache2/modules/mod_wsgi.so")
PACKAGES_PATH = Path("/srv/lib/python3.13/site-packages")


def root() -> Path:
    """The root directory; made once. Needs to be root: it is entered with chroot."""
    debs = of_release("trixie", *PACKAGES)
    return cached("newer-python", " ".join((debs.name, SDIST, *WHEELS)), lambda d: make(d, debs))


def make(directory: Path, debs: Path) -> None:
    """Unpacked packages, the merged /usr, two accounts, mod_wsgi and wheels."""
    shutil.copytree(debs, directory, symlinks=True, dirs_exist_ok=True)
    for name in ("lib", "lib64", "bin", "sbin"):
        (directory / "usr" / name).mkdir(exist_ok=True)
        with contextlib.suppress(FileExistsError):
            (directory / name).symlink_to(f"usr/{name}")
    for name in ("etc", "tmp", "dev", "srv"):
        (directory / name).mkdir(exist_ok=True)
    for name, text in ACCOUNTS.items():
        (directory / "etc" / name).write_text(text)
    run("mknod", "-m", "666", directory / "dev/null", "c", "1", "3")
    run("mknod", "-m", "666", directory / "dev/urandom", "c", "1", "9")
    build_mod_wsgi(directory)
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--only-binary", ":all:"]
    target = directory / PACKAGES_PATH.relative_to("/")
    run(*pip, "--python-version", "3.13", "--target", target, *WHEELS)


def build_mod_wsgi(directory: Path) -> None:
    """mod_wsgi's source against the root's Python and httpd 2.4, whose interface is fixed."""
    source = directory / "tmp/mod_wsgi"
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", ":all:"]
    run(*pip, "--dest", source, SDIST)
    run("tar", "-xf", *source.glob("*.tar.gz"), "-C", source, "--strip-components=1")
    headers = (f"-I{directory}/usr/include/python3.13", f"-I{directory}/usr/include")
    library = directory / "usr/lib/x86_64-linux-gnu/libpython3.13.so.1.0"
    output = directory / MODULE.relative_to("/")
    code = sorted((source / "src/server").glob("*.c"))
    command = ["gcc", "-w", "-shared", "-fPIC", "-O1", "-o", output, *code, *httpd_headers()]
    run(*command, *headers, library)
    shutil.rmtree(source)


class NewerHttpd(Httpd):
    """An httpd inside that root; its files are there, under the same names as here."""

    def __init__(self, lines: Sequence[str], scripts: Mapping[str, str]) -> None:
        place = root()
        python = [f"WSGIPythonPath {PACKAGES_PATH}"]
        super().__init__([("wsgi_module", MODULE)], [*python, *lines], scripts=scripts)
        self.place, self.inside = place, self.config
        directory = place / self.root.relative_to("/")
        shutil.move(self.root, directory)
        self.root, self.config = directory, directory / "httpd.conf"

    @property
    def scanned(self) -> tuple[str, ...]:
        """Arguments for `hostprobe scan`: the root, and the configuration as it is called there."""
        return "--root", str(self.place.resolve()), "--config", str(self.inside)

    @property
    def command(self) -> list[str]:
        return ["chroot", str(self.place), str(BINARY), "-f", str(self.inside), "-X"]
