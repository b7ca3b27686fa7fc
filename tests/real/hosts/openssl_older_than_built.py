"""mod_ssl with a libssl older than the one it was built with: httpd logs AH01882 at every start.

Which one the machine has depends on its last upgrade, so both kinds are made when they are missing:
from the packages that apt offers, and from copies of the installed library whose version is
rewritten (the number that OpenSSL_version_num returns and every text of it).
"""

from __future__ import annotations

import os
import re
import shutil
import struct
from pathlib import Path

from tests.real.build import apache_module, cached
from tests.real.debs import installed, offered, unpacked, upstream
from tests.real.httpd import Httpd, module_path

WARNING = "AH01882"
SYSTEM = Path("/usr/lib/x86_64-linux-gnu")
Version = tuple[int, ...]


def built_with() -> Version:
    """(3, 0, 22) of the text that mod_ssl carries."""
    match = re.search(rb"OpenSSL (\d+)\.(\d+)\.(\d+)", module_path("ssl").read_bytes())
    assert match
    return tuple(int(number) for number in match.groups())


def found_library(*, older: bool) -> Path:
    """A directory with a libssl3 of Debian that is older than built, or is not."""
    system = upstream(installed("libssl3"))
    if (system < built_with()) == older:
        return SYSTEM
    fitting = [
        version for version in offered("libssl3") if (upstream(version) < built_with()) == older
    ]
    if not fitting:
        return rewritten_library(built_with()[:2] + ((10,) if older else built_with()[2:]))
    return unpacked("libssl3", fitting[0]) / "usr/lib/x86_64-linux-gnu"


def rewritten_library(version: Version) -> Path:
    """A directory with the installed libssl and libcrypto, which say they are `version`."""
    system = upstream(installed("libssl3"))

    def make(directory: Path) -> None:
        for name in ("libssl.so.3", "libcrypto.so.3"):
            shutil.copyfile(SYSTEM / name, directory / name)
        rewrite(directory / "libcrypto.so.3", system, version)

    return cached("libssl3-rewritten", f"{system} {version}", make)


def rewrite(path: Path, old: Version, new: Version) -> None:
    """The texts, and the `mov $number,%eax; ret` of OpenSSL_version_num."""
    image = path.read_bytes()
    assert image.count(code(old)) == 1
    assert len(text(old)) == len(text(new))
    path.write_bytes(image.replace(code(old), code(new)).replace(text(old), text(new)))


def text(version: Version) -> bytes:
    return ".".join(map(str, version)).encode()


def code(version: Version) -> bytes:
    major, minor, patch = version
    return b"\xb8" + struct.pack("<I", major << 28 | minor << 20 | patch << 4) + b"\xc3"


def ssl_host(library: Path, *lines: str) -> Httpd:
    httpd = Httpd(["socache_shmcb", "ssl"], ["SSLSessionCache shmcb:run/ssl(512000)", *lines])
    if library != SYSTEM:
        httpd.environment["LD_LIBRARY_PATH"] = os.fspath(library)
    return httpd


def failing() -> Httpd:
    return ssl_host(found_library(older=True))


def failing_rewritten() -> Httpd:
    return ssl_host(rewritten_library((*built_with()[:2], 10)))


def cured() -> Httpd:
    return ssl_host(found_library(older=False))


def near_miss_newer() -> Httpd:
    """The library was upgraded after mod_ssl was built: fine."""
    return ssl_host(rewritten_library((*built_with()[:2], 99)))


def near_miss_static() -> Httpd:
    """A module that carries the text of a far newer OpenSSL, and needs no shared one."""
    tale = 'const char *tale(void) { return "OpenSSL 3.9.9 1 Jan 2030"; }\n'
    path = apache_module("tale", tale)
    return ssl_host(found_library(older=False), f"LoadModule tale_module {path}")
