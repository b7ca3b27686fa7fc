"""Families of libraries whose clashes have a check of their own.

One line adds a family. Whatever belongs to none is left to `symbol-interposed`, so that each
rebinding is judged once.
"""

import re
from typing import NamedTuple

from hostprobe.facts.elf import Elf


class Family(NamedTuple):
    """One library, in all its builds and copies; or names that several libraries use."""

    name: str
    markers: tuple[bytes, ...] = ()
    """Symbols that only a provider of that library defines, one for each object it consists of."""

    symbols: re.Pattern[bytes] | None = None
    """The family is these names, whoever defines them."""


FAMILIES = (
    Family("libxml2", (b"xmlReadMemory", b"xsltApplyStylesheet", b"exsltRegisterAll")),
    Family("expat", (b"XML_ExpatVersion",)),
    Family("mysql", (b"mysql_get_client_info",)),
    Family("openssl", (b"EVP_DigestUpdate", b"SSL_CTX_new")),
    Family("md5", symbols=re.compile(rb"MD5(Init|Update|Final|Transform)$")),
    Family("cache_init", symbols=re.compile(rb"cache_init$")),
)

PYTHON = Family("python", (b"Py_Initialize",))
"""Not in the table: bindings between two of them are never judged one by one."""


def family_named(name: str) -> Family:
    """The line of the table with that name; KeyError without one."""
    return {family.name: family for family in FAMILIES}[name]


def family_of(symbol: bytes, provider: Elf) -> str:
    """Name of the family that one definition belongs to; "" when none claims it."""
    for family in FAMILIES:
        if family.symbols is not None and family.symbols.match(symbol):
            return family.name
        if any(marker in provider.definitions for marker in family.markers):
            return family.name
    return ""
