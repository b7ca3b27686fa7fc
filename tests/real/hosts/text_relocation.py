"""An extension or a module whose code the dynamic linker has to write to."""

from __future__ import annotations

from pathlib import Path

from tests.real.build import apache_module, extension
from tests.real.httpd import Httpd, Module
from tests.real.wsgi import wsgi_host

# An address in the middle of the code, as code without -fPIC has many.
ADDRESS = '__asm__(".text\\n.balign 8\\naddress: .quad address\\n");\n'
ADDING = """
#include <Python.h>
static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "adding", NULL, 0, NULL, NULL, NULL, NULL, NULL};
PyMODINIT_FUNC PyInit_adding(void) { return PyModuleDef_Init(&definition); }
"""
# How many KB of the code of a file this process has changed.
APPLICATION = """
import adding

def answer():
    changed, is_code = 0, False
    with open("/proc/self/smaps") as maps:
        for line in maps:
            if "-" in line.split()[0]:
                is_code = {name!r} in line and "r-x" in line
            elif is_code and line.startswith("Anonymous:"):
                changed += int(line.split()[1])
    return changed > 0
"""
CHANGED, SHARED = "True", "False"
FLAG = "-Wl,-z,notext"


def of_extension(code: str) -> Httpd:
    built = extension("adding", code + ADDING, FLAG)
    return host(built, built.parent)


def of_module(code: str) -> Httpd:
    built = apache_module("adding", code, FLAG)
    return host(built, extension("adding", ADDING).parent, ("adding_module", built))


def host(built: Path, path: Path, *modules: Module) -> Httpd:
    script = APPLICATION.replace("{name!r}", repr(built.name))
    return wsgi_host(script, ["wsgi", *modules], path=path)
