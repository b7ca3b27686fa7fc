"""Families of libraries: what belongs together in a clash, whichever object brings it in.

One line adds a family. Each rebinding belongs to one family at most and is judged once: by the
check that owns the family, else by `symbol-interposed`.
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

    check: str = "symbol-interposed"
    """Id of the check that judges its clashes."""


LIBXML2 = (b"xmlReadMemory", b"xsltApplyStylesheet", b"exsltRegisterAll")
MD5, CACHE_INIT = re.compile(rb"MD5(Init|Update|Final|Transform)$"), re.compile(rb"cache_init$")

FAMILIES = (
    Family("libxml2", LIBXML2, check="libxml2-mixed"),
    Family("expat", (b"XML_ExpatVersion",), check="expat-interposed"),
    Family("mysql", (b"mysql_get_client_info",), check="mysql-clients-mixed"),
    Family("openssl", (b"EVP_DigestUpdate", b"SSL_CTX_new"), check="openssl-mixed"),
    Family("md5", symbols=MD5, check="md5-interposed"),
    Family("cache_init", symbols=CACHE_INIT, check="cache-init-interposed"),
    Family("libldap", (b"ldap_initialize", b"ber_alloc_t")),
    Family("sqlite", (b"sqlite3_libversion",)),
    Family("curl", (b"curl_easy_init",)),
    Family("pcre2", (b"pcre2_config_8",)),
    Family("zlib", (b"zlibVersion",)),
)
PYTHON = Family("python", (b"Py_Initialize",))
"""Not in the table: bindings between two of them are never judged one by one."""


def family_named(name: str) -> Family:
    """The line of the table with that name; KeyError without one."""
    return {family.name: family for family in FAMILIES}[name]


def is_of_names(name: str) -> bool:
    """A family of names that have nothing in common but themselves."""
    return any(family.name == name and family.symbols for family in FAMILIES)


def family_of(symbol: bytes, provider: Elf) -> str:
    """Name of the family that one definition belongs to; "" when none claims it."""
    for family in FAMILIES:
        if family.symbols is not None and family.symbols.match(symbol):
            return family.name
        if any(marker in provider.definitions for marker in family.markers):
            return family.name
    return ""


def families_of(check: str) -> tuple[str, ...]:
    """Names of the families that a check judges."""
    return tuple(family.name for family in FAMILIES if family.check == check)
