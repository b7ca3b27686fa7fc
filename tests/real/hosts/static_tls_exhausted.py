"""An extension whose library wants a large block of static TLS."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.real.build import extension, shared_object
from tests.real.httpd import Httpd
from tests.real.wsgi import wsgi_host

# As OpenMP runtimes have it.
POOL = """
static __thread char block[3000] __attribute__((tls_model("MODEL")));
char *pool_place(void) { return block; }
"""
POOLED = """
#include <Python.h>
extern char *pool_place(void);
static PyObject *first(PyObject *self, PyObject *none) { return PyLong_FromLong(*pool_place()); }
static PyMethodDef methods[] = {{"first", first, METH_NOARGS, NULL}, {NULL, NULL, 0, NULL}};
static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "pooled", NULL, 0, methods, NULL, NULL, NULL, NULL};
PyMODINIT_FUNC PyInit_pooled(void) { return PyModuleDef_Init(&definition); }
"""
APPLICATION = """
def answer():
    try:
        import pooled
    except ImportError as error:
        return str(error)
    return pooled.first()
"""
WORKING, REFUSED = "0", "cannot allocate memory in static TLS block"
STATIC, DYNAMIC = "initial-exec", "global-dynamic"
Make = Callable[[], Httpd]


def pool(model: str = STATIC) -> Path:
    return shared_object("libpool.so", POOL.replace("MODEL", model))


def host(
    model: str = STATIC,
    *,
    environment: dict[str, str] | None = None,
    before: tuple[str, ...] = (),
    daemon: bool = False,
) -> Httpd:
    library = pool(model)
    built = extension("pooled", POOLED, str(library), f"-Wl,-rpath,{library.parent}")
    httpd = wsgi_host(APPLICATION, before=before, path=built.parent, daemon=daemon)
    httpd.environment |= environment or {}
    return httpd


def with_tunable(line: str) -> Httpd:
    """`line` is the remedy that a finding gives: export NAME=VALUE in envvars, ..."""
    name, _, value = line.split()[1].partition("=")
    return host(environment={name: value})


def with_preload() -> Httpd:
    return host(environment={"LD_PRELOAD": str(pool())})


def near_miss_dynamic() -> Httpd:
    """The same size in the dynamic model."""
    return host(DYNAMIC)
