"""Daemons and children whose threads do not fit a limit of virtual memory, and the cures."""

from __future__ import annotations

from tests.real.httpd import Httpd
from tests.real.limited import LimitedHttpd

MB = 1 << 20
# Each request keeps a little, from more threads than the limit has arenas for.
APP = """
import threading, time

kept = []
together = threading.Barrier(12, timeout=3)

def application(environ, start_response):
    try:
        together.wait()
    except threading.BrokenBarrierError:
        pass
    kept.append(bytearray(4 << 20))
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"kept"]
"""
REFUSED = "Couldn't create worker thread"
REFUSED_CHILD = "AH03104"
FAILED = "MemoryError"
SMALL, FEW = "stack-size=524288", {"MALLOC_ARENA_MAX": "2"}
MPM = ("mpm_event", "authz_core", "alias")


def daemon(options: str, environment: dict[str, str] | None = None) -> Httpd:
    """One daemon of the process group shop."""
    lines = [
        "WSGISocketPrefix run/wsgi",
        "ThreadsPerChild 16",
        "MaxRequestWorkers 16",
        f"WSGIDaemonProcess shop home=/ {options}",
        "WSGIProcessGroup shop",
    ]
    return Httpd(
        ("wsgi",), lines, scripts={"shop": APP}, basic=MPM, single=False, environment=environment
    )


def children(
    ulimit: str,
    lines: tuple[str, ...] = (),
    environment: dict[str, str] | None = None,
    *,
    answers: bool = True,
) -> Httpd:
    """An application in the one child of httpd."""
    usual = ["StartServers 1", "ThreadsPerChild 40", "MaxRequestWorkers 40", *lines]
    return LimitedHttpd(
        ("wsgi",),
        usual,
        scripts={"shop": APP},
        basic=MPM,
        single=False,
        environment=environment,
        ulimits=(ulimit,),
        answers=answers,
    )
