"""Applications whose extensions call PyGILState_Ensure: python3-gi, SWIG's, sqlite3, ctypes."""

from __future__ import annotations

from pathlib import Path

from tests.real.build import cached, python_variable, run
from tests.real.hosts.interpreters import host, script
from tests.real.httpd import Httpd
from tests.real.wsgi import TAIL

MAIN = "WSGIApplicationGroup %{GLOBAL}"
GI = "from gi.repository import GLib; return GLib.get_prgname.__name__"
INTERFACE = """
%module shopfast
%inline %{
struct Point { int x; };
int twice(int number) { return 2 * number; }
%}
"""
TWICE = """
    try:
        shopfast.twice("two")
    except TypeError:
        return shopfast.twice(2)
""".strip()


def swig(*options: str) -> Path:
    """A directory with Python bindings that swig makes with these options."""

    def make(directory: Path) -> None:
        interface = directory / "shopfast.i"
        interface.write_text(INTERFACE)
        run("swig", "-python", *options, "-o", directory / "wrap.c", interface)
        include = f"-I{python_variable('INCLUDEPY')}"
        output = directory / f"_shopfast{python_variable('EXT_SUFFIX')}"
        run("gcc", "-w", "-shared", "-fPIC", "-O2", include, "-o", output, directory / "wrap.c")

    return cached("swig", " ".join(("swig", *options, INTERFACE, TWICE)), make)


def gi_host(*lines: str) -> Httpd:
    """An application that uses Debian's python3-gi."""
    return host({"shop": script("shop", "gi", body=GI)}, lines, home=Path("/usr"))


def swig_host(*lines: str, threads: bool = True) -> Httpd:
    """An application that hands a wrong argument to SWIG's bindings and catches the TypeError."""
    path = swig("-threads") if threads else swig()
    script_text = script("shop", "shopfast", body=TWICE)
    return host({"shop": script_text}, [f"WSGIPythonPath {path}", *lines])


CALLBACK = """
import ctypes
import os
import sqlite3
import sys

sys.path.insert(0, os.path.dirname(__file__))
import rates

seen = []


def importing(price):
    import rates

    return price * rates.VAT


def plain(price):
    return price * rates.VAT


def order(_one, _other):
    seen.append(rates.VAT)
    return 0


def answer():
    database = sqlite3.connect(":memory:")
    database.create_function("rate", 1, {function})
    prototype = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)
    numbers = (ctypes.c_int * 2)(2, 1)
    ctypes.CDLL(None).qsort(numbers, 2, 4, prototype(order))
    return database.execute("select rate(2)").fetchone(), seen[0]
"""
ANSWER = "((40,), 20)"


def callback_host(function: str, *lines: str) -> Httpd:
    """An application that gives sqlite3 and qsort(3) Python functions to call."""
    text = CALLBACK.format(function=function) + TAIL
    httpd = host({"shop": text}, lines, home=Path("/usr"))
    (httpd.script_dir / "rates.py").write_text("VAT = 20\n")
    return httpd


def usual_host() -> Httpd:
    """An application with extensions that refer to the function and never call it there."""
    return host({"shop": script("shop", "lxml.etree", "bcrypt")})
