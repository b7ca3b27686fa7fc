"""A real zipped egg with a compiled extension, and caches that its users may write or may not."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

from tests.real.build import PYTHON, cached, public, run
from tests.real.httpd import Httpd
from tests.real.wsgi import TAIL

SETUP = """
from setuptools import Extension, setup
setup(name="shopegg", version="1.0", packages=["shopegg"], zip_safe=True,
      ext_modules=[Extension("shopegg._fast", ["fast.c"])])
"""
CODE = """
#include <Python.h>
static PyObject *price(PyObject *self, PyObject *none) { return PyLong_FromLong(12); }
static PyMethodDef methods[] = {{"price", price, METH_NOARGS, NULL}, {NULL, NULL, 0, NULL}};
static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "_fast", NULL, 0, methods, NULL, NULL, NULL, NULL};
PyMODINIT_FUNC PyInit__fast(void) { return PyModule_Create(&definition); }
"""
"""Of one phase: the stub of bdist_egg leaves itself in sys.modules with the other kind."""

IMPORTS = """
def answer():
    import shopegg._fast
    return shopegg._fast.price()
"""
ERROR = "Can't extract file(s) to egg cache"
ANSWER = (200, "12")


def egg() -> Path:
    """What setuptools' bdist_egg makes."""

    def make(directory: Path) -> None:
        (directory / "setup.py").write_text(SETUP)
        (directory / "fast.c").write_text(CODE)
        (directory / "shopegg").mkdir()
        (directory / "shopegg/__init__.py").write_text("")
        run(PYTHON, "setup.py", "-q", "bdist_egg", cwd=directory)

    made = public(cached("egg", SETUP + CODE, make) / "dist")
    return next(made.glob("*.egg"))


def unpacked(directory: Path) -> Path:
    """The same as a directory."""
    target = directory / egg().name
    with zipfile.ZipFile(egg()) as archive:
        archive.extractall(target)
    return target


class EggHttpd(Httpd):
    """Embedded: shop and script; daemons: cured, open and unpacked, each with its own cache."""

    def __init__(self) -> None:
        names = ("shop", "script", "cured", "open", "unpacked")
        scripts = dict.fromkeys(names, IMPORTS + TAIL)
        super().__init__(["wsgi"], [f"WSGIPythonPath {egg()}"], scripts=scripts, single=False)
        for name, mode in (("own", 0o700), ("open", 0o777)):
            cache = self.root / name
            cache.mkdir()
            cache.chmod(mode)
            shutil.chown(cache, "www-data", "www-data")
        first = f'import os\nos.environ["PYTHON_EGG_CACHE"] = "{self.root}/own"\n'
        (self.script_dir / "script.wsgi").write_text(first + scripts["script"])
        self.add(
            "WSGISocketPrefix run/wsgi",
            *self.group("cured", f"python-path={egg()} python-eggs={self.root}/own"),
            *self.group("open", f"python-path={egg()} python-eggs={self.root}/open"),
            *self.group("unpacked", f"python-path={unpacked(self.root)}"),
        )

    def group(self, name: str, options: str) -> list[str]:
        where = [f"<Location /{name}>", f"WSGIProcessGroup {name}", "</Location>"]
        return [f"WSGIDaemonProcess {name} threads=1 home=/ {options}", *where]

    def add(self, *lines: str) -> None:
        self.config.write_text("\n".join([self.config.read_text(), *lines, ""]))
