"""Two libraries that nobody knows and that happen to export one name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.real.build import apache_module, extension, shared_object
from tests.real.httpd import Httpd, Module
from tests.real.wsgi import wsgi_host

# What the application means: the price in cents of a number of pieces.
RATES = """
static int rates[] = {0, 100, 190, 270};
int table_size(void) { return 4; }
int table_first(void) { return rates[1]; }
int table_last(void) { return rates[3]; }
int table_lookup(int pieces) { return rates[pieces]; }
"""
# What the Apache module means: whether an address is in a list.
BLOCKS = """
int table_lookup(int address) { return address == 127; }
int blocklist_load(void) { return 0; }
int blocklist_add(int address) { return 0; }
int blocklist_save(void) { return 0; }
"""
PRICING = """
#include <Python.h>
extern int table_lookup(int pieces);
static PyObject *price(PyObject *self, PyObject *pieces) {
    return PyLong_FromLong(table_lookup((int)PyLong_AsLong(pieces)));
}
static PyMethodDef methods[] = {{"price", price, METH_O, NULL}, {NULL, NULL, 0, NULL}};
static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "pricing", NULL, 0, methods, NULL, NULL, NULL, NULL};
PyMODINIT_FUNC PyInit_pricing(void) { return PyModuleDef_Init(&definition); }
"""
APPLICATION = """
import pricing

def answer():
    return pricing.price(3)
"""
WORKING, BROKEN = "270", "0"
Make = Callable[[], Httpd]


def rates(*flags: str) -> Path:
    return shared_object("librates.so", RATES, "-Wl,-soname,librates.so", *flags)


def host(
    library: Path, *, module: bool = True, before: tuple[str, ...] = (), daemon: bool = False
) -> Httpd:
    built = extension("pricing", PRICING, str(library), f"-Wl,-rpath,{library.parent}")
    modules: list[Module] = ["wsgi"]
    if module:
        modules.insert(0, ("blocks_module", apache_module("blocks", BLOCKS)))
    return wsgi_host(APPLICATION, modules, before=before, path=built.parent, daemon=daemon)


def failing(*, daemon: bool = False) -> Httpd:
    return host(rates(), daemon=daemon)


def cured_without_module() -> Httpd:
    return host(rates(), module=False)


def cured_by_load_file() -> Httpd:
    return host(rates(), before=(f"LoadFile {rates()}",))


def near_miss_extension_inside() -> Httpd:
    """The same code in the extension itself, bound to itself."""
    built = extension("pricing", RATES + PRICING, "-Wl,-Bsymbolic-functions")
    modules: list[Module] = [("blocks_module", apache_module("blocks", BLOCKS)), "wsgi"]
    return wsgi_host(APPLICATION, modules, path=built.parent)
