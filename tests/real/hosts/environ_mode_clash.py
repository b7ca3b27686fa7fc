"""Two Tracs, one for a project and one for a directory of projects."""

from __future__ import annotations

from tests.real.hosts import sharing
from tests.real.httpd import Httpd

TRAC = """
import os
{statement}
def answer():
    # dispatch_request of Trac: TRAC_ENV is looked at first
    path = os.environ.get("TRAC_ENV")
    return path or os.environ["TRAC_ENV_PARENT_DIR"] + "/two"
"""
ONE = 'os.environ["TRAC_ENV"] = "/srv/trac/one"'
MANY = 'os.environ["TRAC_ENV_PARENT_DIR"] = "/srv/trac"'
CLEAN = f'os.environ.pop("TRAC_ENV", None)\n{MANY}'


def host(many: str) -> Httpd:
    statements = {"one": ONE, "many": many}
    return sharing.host({name: TRAC.format(statement=it) for name, it in statements.items()})
