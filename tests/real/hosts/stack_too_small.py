"""Threads with little stack that parse a deeply nested document in C."""

from __future__ import annotations

from tests.real.httpd import Httpd
from tests.real.limited import LimitedHttpd
from tests.real.wsgi import TAIL

APP = """
import json

def answer():
    return len(json.dumps(json.loads("[" * 900 + "]" * 900)))
"""
WORKING = (200, "1800")
CRASHED = "exit signal Segmentation fault"
THREADED = ("mpm_event", "authz_core", "alias")
PREFORK = ("mpm_prefork", "authz_core", "alias")


def host(*lines: str, mpm: tuple[str, ...] = THREADED, ulimit: str = "ulimit -s 8192") -> Httpd:
    """The application runs in httpd's children unless `lines` say otherwise."""
    usual = ("StartServers 1", "WSGISocketPrefix run/wsgi", *lines)
    return LimitedHttpd(
        ("wsgi",),
        usual,
        scripts={"shop": APP + TAIL},
        basic=mpm,
        single=False,
        ulimits=(ulimit,),
    )


def daemon(options: str = "") -> tuple[str, ...]:
    return (f"WSGIDaemonProcess shop home=/ threads=2 {options}", "WSGIProcessGroup shop")
