"""OpenSSL of wheels beside the system's, which mod_ssl brings in."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.real.build import apache_module, extension
from tests.real.httpd import Httpd, Module
from tests.real.release_debs import of_release
from tests.real.wsgi import wsgi_host
from tests.wheels import wheels_venv

# Nobody listens at port 1: a client that works says so.
CLIENT = """
import psycopg2

def answer():
    try:
        psycopg2.connect("host=127.0.0.1 port=1 sslmode=require")
    except psycopg2.OperationalError as error:
        return "refused" in str(error)
"""
# A provider is loaded with a function that came with OpenSSL 3.2, and asked for with an old one.
PROVIDER = """
#include <Python.h>
extern void *OSSL_PROVIDER_load_ex(void *, const char *, void *);
extern int OSSL_PROVIDER_available(void *, const char *);
static PyObject *load(PyObject *self, PyObject *name) {
    const char *text = PyUnicode_AsUTF8(name);
    int loaded = OSSL_PROVIDER_load_ex(NULL, text, NULL) != NULL;
    return Py_BuildValue("ii", loaded, OSSL_PROVIDER_available(NULL, text));
}
static PyMethodDef methods[] = {{"load", load, METH_O, NULL}, {NULL, NULL, 0, NULL}};
static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "provider", NULL, 0, methods, NULL, NULL, NULL, NULL};
PyMODINIT_FUNC PyInit_provider(void) { return PyModuleDef_Init(&definition); }
"""
LOADING = """
import provider

def answer():
    return provider.load("null")
"""
HASH = """
import hashlib

def answer():
    return hashlib.new("sm3").name == "sm3"
"""
WORKING, LOADED, NOT_FOUND = "True", "(1, 1)", "(1, 0)"
SSL: tuple[Module, ...] = ("socache_shmcb", "ssl")
Make = Callable[[], Httpd]


def psycopg2(*modules: Module, daemon: bool = False) -> Httpd:
    return wsgi_host(CLIENT, [*modules, "wsgi"], home=wheels_venv(), daemon=daemon)


def taken_over(*, daemon: bool = False) -> Httpd:
    """psycopg2-binary beside mod_ssl: everything moves to the system's OpenSSL."""
    return psycopg2(*SSL, daemon=daemon)


def alone() -> Httpd:
    return psycopg2()


def bundled() -> Path:
    """The OpenSSL that psycopg2-binary brings, newer than 3.2."""
    (found,) = wheels_venv().glob("lib/*/site-packages/psycopg2_binary.libs/libcrypto-*.so.3")
    return found


def split(*modules: Module) -> Httpd:
    """What is new comes from the wheel's copy, the rest from mod_ssl's."""
    flags = (str(bundled()), f"-Wl,-rpath,{bundled().parent}")
    built = extension("provider", PROVIDER, *flags)
    return wsgi_host(LOADING, [*modules, "wsgi"], path=built.parent)


def older_beside() -> Httpd:
    """An Apache module that needs OpenSSL 1.1, whose version nodes are others."""
    library = of_release("bullseye", "libssl1.1") / "usr/lib/x86_64-linux-gnu/libcrypto.so.1.1"
    source = "extern int RAND_status(void); int (*status)(void) = RAND_status;"
    built = apache_module("older", source, str(library), f"-Wl,-rpath,{library.parent}")
    return wsgi_host(HASH, [*SSL, ("older_module", built), "wsgi"])
