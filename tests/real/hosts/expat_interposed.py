"""An httpd whose envvars bring an older expat, as those for a product of its own do, and Python."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from tests.real.build import cached, extension
from tests.real.httpd import Httpd
from tests.real.release_debs import of_release
from tests.real.wsgi import wsgi_host

# The limit came with expat 2.4.
FEEDREADER = """
#define XML_DTD 1
#include <Python.h>
#include <expat.h>
static void count(void *seen, const char *name, const char **attributes) { ++*(long *)seen; }
static PyObject *elements(PyObject *self, PyObject *text) {
    Py_ssize_t length;
    const char *bytes = PyUnicode_AsUTF8AndSize(text, &length);
    long seen = 0;
    XML_Parser parser = XML_ParserCreate(NULL);
    XML_SetUserData(parser, &seen);
    XML_SetStartElementHandler(parser, count);
#ifdef LIMITED
    if (!XML_SetBillionLaughsAttackProtectionMaximumAmplification(parser, 100.0f))
        return Py_BuildValue("s", "no limit");
#endif
    XML_Parse(parser, bytes, (int)length, 1);
    XML_ParserFree(parser);
    return PyLong_FromLong(seen);
}
static PyMethodDef methods[] = {{"elements", elements, METH_O, NULL}, {NULL, NULL, 0, NULL}};
static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "feedreader", NULL, 0, methods, NULL, NULL, NULL, NULL};
PyMODINIT_FUNC PyInit_feedreader(void) { return PyModuleDef_Init(&definition); }
"""
APPLICATION = """
def answer():
    try:
        import feedreader
    except ImportError as error:
        return str(error)
    return feedreader.elements("<feed><entry/><entry/></feed>")
"""
Make = Callable[[], Httpd]
WORKING, MISSING = "3", "undefined symbol: XML_SetBillionLaughsAttackProtection"
SYSTEM = Path("/lib/x86_64-linux-gnu/libexpat.so.1")
LIMITED = "-DLIMITED"


def older() -> Path:
    """The directory with expat 2.2.10 of Debian 11."""
    return of_release("bullseye", "libexpat1") / "lib/x86_64-linux-gnu"


def same() -> Path:
    """A directory with a copy of the system's own expat."""

    def make(directory: Path) -> None:
        shutil.copy(SYSTEM, directory / SYSTEM.name)

    return cached("same-expat", "1", make)


def host(*flags: str | Path, path: Path | None, daemon: bool = False) -> Httpd:
    """`path` becomes LD_LIBRARY_PATH of httpd."""
    built = extension("feedreader", FEEDREADER, *map(str, flags))
    httpd = wsgi_host(APPLICATION, path=built.parent, daemon=daemon)
    if path is not None:
        httpd.environment["LD_LIBRARY_PATH"] = str(path)
    return httpd


def failing(*, daemon: bool = False) -> Httpd:
    return host(LIMITED, "-lexpat", path=older(), daemon=daemon)


def taken_over() -> Httpd:
    """All that it calls is in the older expat, too."""
    return host("-lexpat", path=older())


def cured() -> Httpd:
    return host(LIMITED, "-lexpat", path=None)


def near_miss_same_build() -> Httpd:
    return host(LIMITED, "-lexpat", path=same())
