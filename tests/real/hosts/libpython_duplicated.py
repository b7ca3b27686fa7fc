"""A second Python library in httpd, which a module embeds or an extension is linked with."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.real.build import apache_module, extension, python_variable
from tests.real.httpd import Httpd, Module
from tests.real.release_debs import of_release
from tests.real.wsgi import wsgi_host

# What any embedding uses, and a function that is gone since Python 3.11.
EMBEDDING = """
extern const char *Py_GetVersion(void);
extern void *PyUnicode_EncodeUTF8(const void *text, long length, const char *errors);
const char *embedded_version(void) { return Py_GetVersion(); }
void *embedded_encode(void) { return ENCODE; }
"""
OLD, COMMON = '-DENCODE=PyUnicode_EncodeUTF8(L"a", 1, 0)', "-DENCODE=0"
ASKING = """
import ctypes

def answer():
    version = ctypes.CDLL("{module}").embedded_version
    version.restype = ctypes.c_char_p
    return version().decode()[:4]
"""
LINKED = """
#include <Python.h>
static PyObject *version(PyObject *self, PyObject *none) {
    return PyUnicode_FromString(Py_GetVersion());
}
static PyMethodDef methods[] = {{"version", version, METH_NOARGS, NULL}, {NULL, NULL, 0, NULL}};
static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "linked", NULL, 0, methods, NULL, NULL, NULL, NULL};
PyMODINIT_FUNC PyInit_linked(void) { return PyModuleDef_Init(&definition); }
"""
LINKED_APPLICATION = """
import linked

def answer():
    return linked.version()[:4]
"""
ANOTHER, OWN = "'3.11'", "'3.9.'"
Make = Callable[[], Httpd]


def older() -> Path:
    folder = of_release("bullseye", "libpython3.9") / "usr/lib/x86_64-linux-gnu"
    return folder / "libpython3.9.so.1.0"


def mod_wsgis() -> Path:
    return Path(python_variable("LIBDIR")) / python_variable("INSTSONAME")


def host(library: Path, kind: str, *, first: bool = False, daemon: bool = False) -> Httpd:
    """mod_wsgi and a module that embeds the Python of this library, before or behind it."""
    flags = (kind, str(library), f"-Wl,-rpath,{library.parent}")
    built = apache_module("embedding", EMBEDDING, *flags)
    modules: list[Module] = ["wsgi", ("embedding_module", built)]
    script = ASKING.format(module=built)
    return wsgi_host(script, modules[::-1] if first else modules, daemon=daemon)


def extension_linked_with(library: Path) -> Httpd:
    """As extensions are that were built with -lpython3.x."""
    flags = (str(library), f"-Wl,-rpath,{library.parent},--no-as-needed")
    built = extension("linked", LINKED, *flags)
    return wsgi_host(LINKED_APPLICATION, path=built.parent)
