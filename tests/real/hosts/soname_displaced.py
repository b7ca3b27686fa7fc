"""An extension with a copy of a library of its own, whose soname an Apache module has taken."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from tests.real.build import apache_module, cached, extension, run
from tests.real.httpd import Httpd
from tests.real.wsgi import wsgi_host

SONAME = "libgear.so.1"
# Release 2 counts otherwise, and has a function more.
LIBGEAR = {
    1: ("int gear_teeth(void) { return 1; }", "V1 { global: gear_teeth; local: *; };"),
    2: (
        "int gear_teeth(void) { return 2; } int gear_speed(void) { return 20; }",
        "V1 { global: gear_teeth; local: *; }; V2 { global: gear_speed; } V1;",
    ),
}
GEARBOX = """
#include <Python.h>
extern int gear_teeth(void), gear_speed(void);
static PyObject *ask(PyObject *self, PyObject *none) { return PyLong_FromLong(QUESTION()); }
static PyMethodDef methods[] = {{"ask", ask, METH_NOARGS, NULL}, {NULL, NULL, 0, NULL}};
static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "gearbox", NULL, 0, methods, NULL, NULL, NULL, NULL};
PyMODINIT_FUNC PyInit_gearbox(void) { return PyModuleDef_Init(&definition); }
"""
GEARS = "extern int gear_teeth(void); int (*teeth)(void) = gear_teeth;"
APPLICATION = """
def answer():
    try:
        import gearbox
    except ImportError as error:
        return str(error)
    return gearbox.ask()
"""
SPEED, TEETH = "gear_speed", "gear_teeth"
WORKING = {SPEED: "20", TEETH: "2"}
OTHER_ANSWER, MISSING = "1", "version `V2' not found"
Make = Callable[[], Httpd]


def libgear(release: int, soname: str = SONAME) -> Path:
    source, versions = LIBGEAR[release]

    def make(directory: Path) -> None:
        (directory / "gear.c").write_text(source)
        (directory / "map").write_text(versions)
        flags = (f"-Wl,-soname,{soname}", f"-Wl,--version-script={directory}/map")
        run("gcc", "-shared", "-fPIC", "-o", directory / soname, directory / "gear.c", *flags)

    return cached("libgear", f"{source}\0{versions}\0{soname}", make) / soname


def another_path(*, link: bool) -> Path:
    """The newer library a second time: a link to it, or a copy."""
    newer = libgear(2)

    def make(directory: Path) -> None:
        if link:
            (directory / SONAME).symlink_to(newer)
        else:
            shutil.copy(newer, directory / SONAME)

    return cached("libgear-again", f"{newer}{link}", make) / SONAME


def linked(library: Path) -> tuple[str, str]:
    return str(library), f"-Wl,-rpath,{library.parent}"


def host(
    question: str, modules_own: Path, before: tuple[str, ...] = (), *, daemon: bool = False
) -> Httpd:
    """The extension has release 2; `modules_own` is what the Apache module is linked with."""
    module = apache_module("gears", GEARS, *linked(modules_own))
    built = extension("gearbox", GEARBOX, f"-DQUESTION={question}", *linked(libgear(2)))
    modules = [("gears_module", module), "wsgi"]
    return wsgi_host(APPLICATION, modules, before=before, path=built.parent, daemon=daemon)


def failing(question: str, *, daemon: bool = False) -> Httpd:
    return host(question, libgear(1), daemon=daemon)


def cured(question: str) -> Httpd:
    """The newer one is loaded first, for both."""
    return host(question, libgear(1), (f"LoadFile {libgear(2)}",))


def near_miss_other_soname() -> Httpd:
    return host(SPEED, libgear(1, "libgear.so.0"))
