"""A Python home that is not of mod_wsgi's Python: it starts without packages, or not at all."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from inspect import getsource
from pathlib import Path

from tests.real.build import PYTHON, cached, extension, python_variable, run
from tests.real.httpd import Httpd, module_path
from tests.real.wsgi import wsgi_host

APP = """
def answer():
    import shopkit
    return shopkit.NAME
"""
WORKING = "'shopkit'"
MISSING = "No module named 'shopkit'"
NO_START = "No module named 'encodings'"
ABSENT = Path("/nonexistent/venv")
Make = Callable[[Path], None]


def own_minor() -> int:
    """11 of the libpython3.11.so.1.0 that Debian's mod_wsgi needs."""
    match = re.search(rb"libpython3\.(\d+)\.so", module_path("wsgi").read_bytes())
    assert match
    return int(match[1])


def other_minor() -> int:
    return own_minor() + 1


def write(path: Path, text: str = "") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def add_package(home: Path, minor: int) -> None:
    packages = home / f"lib/python3.{minor}/site-packages"
    write(packages / "shopkit/__init__.py", "NAME = 'shopkit'\n")
    write(packages / "shopkit-1.0.dist-info/METADATA", "Name: shopkit\nVersion: 1.0\n")


def write_cfg(home: Path, version: str) -> None:
    lines = ["home = /usr/bin", "include-system-site-packages = false", f"version = {version}"]
    write(home / "pyvenv.cfg", "\n".join(lines) + "\n")


def venv(home: Path) -> None:
    """What /usr/bin/python3 -m venv makes, with the package in it."""
    run(PYTHON, "-m", "venv", "--without-pip", home)
    add_package(home, own_minor())


def other_venv(home: Path) -> None:
    """What the next minor version of Python in /usr/bin would make."""
    (home / "bin").mkdir(parents=True)
    for name in ("python", "python3"):
        (home / "bin" / name).symlink_to(f"/usr/bin/python3.{other_minor()}")
    write_cfg(home, f"3.{other_minor()}.1")
    add_package(home, other_minor())
    write(home / f"lib/python3.{other_minor()}/site-packages" / other_extension())


def other_extension() -> str:
    return f"shopspeed.cpython-3{other_minor()}-x86_64-linux-gnu.so"


def other_prefix(home: Path) -> None:
    """An installation, not an environment, of the next minor version."""
    library = home / f"lib/python3.{other_minor()}"
    for name in ("os.py", "site.py", "encodings/__init__.py", "lib-dynload/_json.so"):
        write(library / name)
    write(home / f"bin/python3.{other_minor()}")
    add_package(home, other_minor())


def venv_with_foreign_executable(home: Path) -> None:
    """Its bin/python3 leads to another Python, which an embedded Python never looks at."""
    venv(home)
    (home / "bin/python3").unlink()
    (home / "bin/python3").symlink_to(f"/usr/bin/python3.{other_minor()}")


def venv_with_two_libraries(home: Path) -> None:
    """Made again over an older one, as `python -m venv --upgrade` leaves it."""
    venv(home)
    add_package(home, own_minor() - 1)


def host(make: Make | None, *, daemon: bool = False) -> Httpd:
    """An httpd whose Python home is what `make` builds; None: a home that does not exist."""
    home = cached(make.__name__, f"{own_minor()} {getsource(make)}", make) if make else ABSENT
    return wsgi_host(APP, home=home, daemon=daemon)


EXTENSION = """
#include <Python.h>
static PyMethodDef methods[] = {{NULL, NULL, 0, NULL}};
static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "shopspeed", NULL, 0, methods, NULL, NULL, NULL, NULL};
PyMODINIT_FUNC PyInit_shopspeed(void) { return PyModuleDef_Init(&definition); }
"""
EXTENSION_APP = """
def answer():
    import shopspeed
    return shopspeed.__name__
"""
EXTENSION_WORKING, EXTENSION_MISSING = "'shopspeed'", "No module named 'shopspeed'"


def own_suffix() -> str:
    return python_variable("EXT_SUFFIX")


def other_suffix() -> str:
    return own_suffix().replace(f"3{own_minor()}", f"3{other_minor()}")


def path_host(suffix: str) -> Httpd:
    """python-path leads to an extension whose file name ends so."""
    built = extension("shopspeed", EXTENSION, "-DPy_LIMITED_API=0x03060000")

    def make(directory: Path) -> None:
        shutil.copyfile(built, directory / f"shopspeed{suffix}")

    return wsgi_host(EXTENSION_APP, path=cached("packages", f"{built} {suffix}", make))
