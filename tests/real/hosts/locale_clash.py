"""Two sites with a locale each; C and C.UTF-8 are on every Debian."""

from __future__ import annotations

from collections.abc import Sequence

from tests.real.hosts import sharing
from tests.real.httpd import Httpd

SITE = """
import locale
{statement}
def answer():
    return locale.nl_langinfo(locale.CODESET)
"""
SET = 'locale.setlocale(locale.{category}, "{name}")'
UTF8, ASCII = "'UTF-8'", "'ANSI_X3.4-1968'"


def host(shop: str, blog: str, lines: Sequence[str] = ()) -> Httpd:
    """Statements of the scripts."""
    bodies = {"shop": SITE.format(statement=shop), "blog": SITE.format(statement=blog)}
    return sharing.host(bodies, lines)


def daemon(blog: str) -> Httpd:
    """Both in a daemon with a locale, which the shop takes as it is."""
    lines = ("WSGIDaemonProcess all threads=2 home=/ locale=C.UTF-8", "WSGIProcessGroup all")
    return host("", blog, lines)


def setting(name: str, category: str = "LC_ALL") -> str:
    return SET.format(name=name, category=category)
