"""Two sites that name their settings with setdefault, as Django's wsgi.py does, or otherwise."""

from __future__ import annotations

from collections.abc import Sequence

from tests.real.hosts import sharing
from tests.real.httpd import Httpd

SITE = """
import os, sys, types
sys.modules["shop_settings"] = types.SimpleNamespace(DATABASE="shop.db")
sys.modules["blog_settings"] = types.SimpleNamespace(DATABASE="blog.db")
{statement}
def answer():
    return sys.modules[os.environ["DJANGO_SETTINGS_MODULE"]].DATABASE
"""
DEFAULT = 'os.environ.setdefault("DJANGO_SETTINGS_MODULE", "{name}_settings")'
ASSIGNED = 'os.environ["DJANGO_SETTINGS_MODULE"] = "{name}_settings"'
FORGOTTEN = f'os.environ.pop("DJANGO_SETTINGS_MODULE", None)\n{DEFAULT}'
NAMES = ("shop", "blog")
GLOBAL = "WSGIApplicationGroup %{GLOBAL}"


def host(statement: str, lines: Sequence[str] = (), *, daemon: bool = False) -> Httpd:
    bodies = {name: SITE.format(statement=statement.format(name=name)) for name in NAMES}
    return sharing.host(bodies, lines, daemon=daemon)


def one_in_main_interpreter(name: str) -> Httpd:
    """The other one has a sub-interpreter."""
    return host(DEFAULT, [f"<Location /{name}>", GLOBAL, "</Location>"])
