"""Python's readline beside mod_php: libedit of PHP's readline extension takes its symbols over."""

from __future__ import annotations

import os
from pathlib import Path

from tests.real.build import extension
from tests.real.httpd import Httpd, Module
from tests.real.wsgi import wsgi_host

PHP_SCAN = next(Path("/etc/php").glob("*/apache2/conf.d"), Path("/etc/php"))
READLINE = """
import readline

def answer():
    readline.clear_history()
    readline.add_history("one")
    readline.add_history("two")
    return readline.get_current_history_length(), readline.get_history_item(1)
"""
LOAD_READLINE = "LoadFile /lib/x86_64-linux-gnu/libreadline.so.8"
WORKING, BROKEN = "(2, 'one')", "(0, None)"


def php_without_readline(directory: Path) -> Path:
    """A scan directory for PHP with every ini file of Debian's but readline's."""
    scan = directory / "php"
    scan.mkdir()
    for ini in PHP_SCAN.glob("*.ini"):
        if "readline" not in ini.name:
            (scan / ini.name).symlink_to(ini)
    return scan


def readline_host(*modules: Module, daemon: bool = False) -> Httpd:
    return wsgi_host(READLINE, [*modules, "wsgi"], daemon=daemon)


def failing(*, daemon: bool = False) -> Httpd:
    """Stock mod_php; a daemon process group is no cure."""
    return readline_host("php", daemon=daemon)


def failing_with_wsgi_first() -> Httpd:
    """The order of LoadModule is no cure: the extension is opened after all of them."""
    return wsgi_host(READLINE, ["wsgi", "php"])


def failing_with_another_ini_directory() -> Httpd:
    """PHPIniDir is no cure: the scan directory is compiled in."""
    httpd = wsgi_host(READLINE, ["php", "wsgi"], ["PHPIniDir htdocs"])
    (httpd.root / "htdocs/php.ini").write_text("; nothing\n")
    return httpd


def cured_by_scan_directory(*, daemon: bool = False) -> Httpd:
    httpd = readline_host("php", daemon=daemon)
    httpd.environment["PHP_INI_SCAN_DIR"] = os.fspath(php_without_readline(httpd.root))
    return httpd


def cured_by_load_file(*, daemon: bool = False) -> Httpd:
    """libreadline stands before libedit in the global scope: both libraries keep to themselves."""
    return wsgi_host(READLINE, ["php", "wsgi"], before=[LOAD_READLINE], daemon=daemon)


def cured_without_php() -> Httpd:
    return readline_host()


def near_miss_same_library() -> Httpd:
    """libreadline itself is in the global scope: another opener, the same provider."""
    return wsgi_host(READLINE, lines=[LOAD_READLINE])


# A private copy of a line library in an extension, as a statically linked one would be: it exports
# a name that libedit exports too, and counts in a variable of its own.
POCKETLINE = """
#include <Python.h>
static long count;
EXPORT void add_history(const char *line) { (void)line; count++; }
static PyObject *add(PyObject *self, PyObject *line) {
    add_history(PyUnicode_AsUTF8(line));
    return PyLong_FromLong(count);
}
static PyMethodDef methods[] = {{"add", add, METH_O, NULL}, {NULL, NULL, 0, NULL}};
static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "pocketline", NULL, 0, methods, NULL, NULL, NULL, NULL};
PyMODINIT_FUNC PyInit_pocketline(void) { return PyModuleDef_Init(&definition); }
"""
POCKETLINE_APP = """
import pocketline

def answer():
    return pocketline.add("one") > 0
"""
EXPORT = '-DEXPORT=__attribute__((visibility("default")))'
PROTECTED = '-DEXPORT=__attribute__((visibility("protected")))'
# How the same exported name is kept at home, so that no binding crosses.
BOUND = {
    "symbolic": (EXPORT, "-Wl,-Bsymbolic"),
    "symbolic functions": (EXPORT, "-Wl,-Bsymbolic-functions"),
    "protected": (PROTECTED,),
}


def private_copy(*flags: str) -> Httpd:
    """mod_php with readline, and an application with the private copy built with these flags."""
    built = extension("pocketline", POCKETLINE, *flags)
    return wsgi_host(POCKETLINE_APP, ["php", "wsgi"], path=built.parent)


def failing_private_copy() -> Httpd:
    return private_copy(EXPORT)


def near_miss_private_copy(kind: str) -> Httpd:
    """`kind` of BOUND: the same exports, in the same host, and nothing moves."""
    return private_copy(*BOUND[kind])
