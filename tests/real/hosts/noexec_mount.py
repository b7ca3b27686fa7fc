"""An extension on a real mount without permission to execute."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path

from tests.real.build import extension, run
from tests.real.httpd import Httpd, public_directory
from tests.real.wsgi import wsgi_host

EXTENSION = """
#include <Python.h>
static struct PyModuleDef definition = { PyModuleDef_HEAD_INIT, "shopfast", NULL, 0, NULL };
PyMODINIT_FUNC PyInit_shopfast(void) { return PyModule_Create(&definition); }
"""
APP = """
def answer():
    import shopfast
    return shopfast.__name__
"""
WORKING, REFUSED = "'shopfast'", "failed to map segment from shared object"


SOURCE = "open(__file__).read()\n"


def install(packages: Path) -> None:
    """Put the extension there."""
    built = extension("shopfast", EXTENSION)
    shutil.copyfile(built, packages / built.name)


@contextlib.contextmanager
def tmpfs(options: str) -> Iterator[Path]:
    """A file system of its own, away when the block ends."""
    place = public_directory("hostprobe-mount-")
    run("mount", "-t", "tmpfs", "-o", f"mode=755,{options}", "none", place)
    try:
        yield place
    finally:
        run("umount", "--lazy", place)
        place.rmdir()


class PrivateHttpd(Httpd):
    """In a mount namespace of its own, where it sees these directories noexec."""

    noexec: Path

    @property
    def command(self) -> list[str]:
        place = str(self.noexec)
        mounts = f"mount --bind {place} {place} && mount -o remount,bind,noexec {place}"
        return ["unshare", "--mount", "sh", "-c", f'{mounts} && exec "$@"', "sh", *super().command]


def host(packages: Path, app: str = APP) -> Httpd:
    return wsgi_host(app, path=packages)


def private_host(packages: Path) -> PrivateHttpd:
    httpd = host(packages)
    httpd.__class__ = PrivateHttpd
    assert isinstance(httpd, PrivateHttpd)
    httpd.noexec = packages
    return httpd
