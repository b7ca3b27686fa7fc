"""An extension or a module that asks for an executable stack."""

from __future__ import annotations

from typing import Protocol

from tests.real.build import apache_module, extension
from tests.real.httpd import Httpd, Module
from tests.real.wsgi import wsgi_host

NIMBLE = """
#include <Python.h>
static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "nimble", NULL, 0, NULL, NULL, NULL, NULL, NULL};
PyMODINIT_FUNC PyInit_nimble(void) { return PyModuleDef_Init(&definition); }
"""
APPLICATION = """
import nimble

def answer():
    with open("/proc/self/maps") as maps:
        return next(line.split()[1] for line in maps if line.endswith("[stack]\\n"))
"""
ASKING, PLAIN = "-Wl,-z,execstack", "-Wl,-z,noexecstack"
EXECUTABLE, ORDINARY = "'rwxp'", "'rw-p'"


class Make(Protocol):
    """A host whose object is linked with this flag."""

    def __call__(self, flag: str, /) -> Httpd: ...


def of_extension(flag: str, *, daemon: bool = False) -> Httpd:
    built = extension("nimble", NIMBLE, flag)
    return wsgi_host(APPLICATION, path=built.parent, daemon=daemon)


def of_module(flag: str) -> Httpd:
    built = apache_module("nimble", "", flag)
    plain = extension("nimble", NIMBLE, PLAIN)
    modules: list[Module] = ["wsgi", ("nimble_module", built)]
    return wsgi_host(APPLICATION, modules, path=plain.parent)
