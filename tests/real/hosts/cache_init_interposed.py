"""An extension whose type is initialised by `cache_init`, as in old pysqlite, beside a module."""

from __future__ import annotations

from collections.abc import Callable

from tests.real.build import apache_module, extension
from tests.real.httpd import Httpd, Module
from tests.real.wsgi import wsgi_host

# The function is only named in a table: a relocation in data, no call.
ROWCACHE = """
#include <Python.h>
typedef struct { PyObject_HEAD long size; } Cache;
LINKAGE int cache_init(PyObject *self, PyObject *arguments, PyObject *keywords) {
    return PyArg_ParseTuple(arguments, "l", &((Cache *)self)->size) ? 0 : -1;
}
static PyObject *size(PyObject *self, PyObject *none) {
    return PyLong_FromLong(((Cache *)self)->size);
}
static PyMethodDef methods[] = {{"size", size, METH_NOARGS, NULL}, {NULL, NULL, 0, NULL}};
static PyTypeObject type = {
    PyVarObject_HEAD_INIT(NULL, 0) .tp_name = "rowcache.Cache", .tp_basicsize = sizeof(Cache),
    .tp_flags = Py_TPFLAGS_DEFAULT, .tp_methods = methods, .tp_init = cache_init,
    .tp_new = PyType_GenericNew};
static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "rowcache", NULL, -1, NULL, NULL, NULL, NULL, NULL};
PyMODINIT_FUNC PyInit_rowcache(void) {
    PyObject *module = PyType_Ready(&type) ? NULL : PyModule_Create(&definition);
    if (module) PyModule_AddObjectRef(module, "Cache", (PyObject *)&type);
    return module;
}
"""
APPLICATION = """
import rowcache

def answer():
    try:
        return rowcache.Cache(7).size()
    except SystemError as error:
        return str(error)
"""
# Another function of the same name, as mod_cache of httpd 2.0 had one.
PAGECACHE = """
LINKAGE long cache_init(void *pool, long size) { return -1; }
"""
EXPORTED, STATIC = "-DLINKAGE=", "-DLINKAGE=static __attribute__((used))"
WORKING, BROKEN = "7", "returned NULL without setting an exception"
Make = Callable[[], Httpd]


def host(*flags: str, module: str | None = EXPORTED, daemon: bool = False) -> Httpd:
    """`module` says how the Apache module keeps its function; None: it is not there."""
    built = extension("rowcache", ROWCACHE, *(flags or (EXPORTED,)))
    modules: list[Module] = ["wsgi"]
    if module is not None:
        modules.append(("pagecache_module", apache_module("pagecache", PAGECACHE, module)))
    return wsgi_host(APPLICATION, modules, path=built.parent, daemon=daemon)


def cured_without_module() -> Httpd:
    return host(module=None)


def cured_by_static_function() -> Httpd:
    """As pysqlite 2.3.3 did."""
    return host(STATIC)


def near_miss_symbolic() -> Httpd:
    """Both export the name, and each keeps its own."""
    return host(EXPORTED, "-Wl,-Bsymbolic")


def near_miss_static_in_module() -> Httpd:
    return host(module=STATIC)
