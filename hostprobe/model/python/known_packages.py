"""Packages whose behaviour in more than one interpreter is known: one line each.

What the file of an extension says itself (`ExtensionTexts`) needs no line here.
"""

import re
from collections.abc import Iterable
from typing import NamedTuple


class Known(NamedTuple):
    """What is known of one package's extensions."""

    module: str
    """Top of the dotted names: "numpy" is numpy and all below it."""

    source: str
    """Who says so."""

    first: str = ""
    """The first release that it holds for; "" from the beginning."""

    fixed: str = ""
    """The first release that it does not hold for any more; "" none so far."""

    @property
    def is_bounded(self) -> bool:
        """Whether it needs to be told the release."""
        return bool(self.first or self.fixed)

    def is_about(self, module: str) -> bool:
        """Whether it speaks of this module in some release."""
        return module == self.module or module.startswith(f"{self.module}.")

    def fits(self, module: str, version: str | None) -> bool:
        """Whether it speaks of this release of the module; a range needs a known one."""
        if not self.is_about(module):
            return False
        if not self.is_bounded:
            return True
        if version is None or not (has := numbers(version)):
            return False
        return numbers(self.first) <= has and not (self.fixed and has >= numbers(self.fixed))


REFUSE_SHARING = (
    Known("numpy", "numpy#8559, numpy#27192"),
    Known("scipy", "mod_wsgi 6 documentation, GIL Modes and Free-Threading"),
    Known("lxml", "mod_wsgi 5 documentation, Application Issues: Multiple Python Sub Interpreters"),
    Known("bcrypt", "PyO3/pyo3#576, mod_wsgi#940", first="4.0"),
    Known("cryptography", "PyO3/pyo3#576, pyca/cryptography#9016", first="35"),
    Known("protocols", "mod_wsgi 5 documentation, Application Issues: PyProtocols"),
    Known(
        "psycopg2",
        "mod_wsgi 5 documentation, Application Issues: decimal.Decimal of another interpreter",
        fixed="2.9",
    ),
)
"""Only one interpreter of a process can use them, or they mix up the interpreters' objects."""

GIL_STATE = "mod_wsgi 5 documentation, Application Issues: Python Simplified GIL State API"
NEED_MAIN_INTERPRETER = (
    Known("_dbxml", GIL_STATE),
    Known("dbxml", GIL_STATE),
    Known("_xapian", GIL_STATE),
    Known("xapian", GIL_STATE),
    Known("libsvn", GIL_STATE),
    Known("gi", "python3-gi 3.42 stops a real server for ever"),
    Known("numba", "mod_wsgi#689"),
    Known("xmlsec", "register_callbacks of xmlsec (src/main.c) calls PyGILState_Ensure"),
)
"""They call back through PyGILState_Ensure, which knows the main interpreter only."""

SHARE_WELL = (
    Known("PIL", "Pillow 13 on a real server"),
    Known("_cffi_backend", "cffi 2.1 on a real server"),
    Known("greenlet", "greenlet 3.5 on a real server"),
    Known("lz4", "lz4 4.4 on a real server"),
    Known("psutil", "psutil 7.2 on a real server"),
    Known("psycopg2", "psycopg2 2.9 on a real server", first="2.9"),
    Known("regex", "regex 2026.11 on a real server"),
    Known("ujson", "ujson 6.1 on a real server"),
    Known("zstandard", "zstandard 0.25 on a real server"),
)
"""Single-phase modules that work in several interpreters: seen to be imported and used."""


def known(table: Iterable[Known], module: str, version: str | None) -> Known | None:
    """The line of a table that speaks of a module of that release; None: it has none."""
    return next((one for one in table if one.fits(module, version)), None)


def numbers(version: str) -> tuple[int, ...]:
    """The leading numbers of a release; Debian's epoch goes."""
    match = re.match(r"(?:\d+:)?(\d+(?:\.\d+)*)", version)
    return tuple(int(part) for part in match[1].split(".")) if match else ()
