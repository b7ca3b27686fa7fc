"""An httpd whose threads are limited: by a control group, by user."""

from __future__ import annotations

from tests.real.build import public
from tests.real.httpd import Httpd
from tests.real.limited import LimitedHttpd
from tests.real.wsgi import TAIL
from tests.wheels import wheels_venv

NUMPY = """
def answer():
    import numpy
    return numpy.__name__
"""
PLAIN = """
def answer():
    return "plain"
"""
WORKING = (200, "'numpy'")
POOL_REFUSED = "blas_thread_init: pthread_create failed"
WORKER_REFUSED = "Couldn't create worker thread"
USER = "uucp"
"""A user of Debian with no process, so that all that RLIMIT_NPROC counts is httpd's."""


def host(line: str, group: str, *, source: str = PLAIN, blas: int = 0) -> Httpd:
    """One child, one daemon; `line` is run by the shell that starts it."""
    environment = {"OPENBLAS_NUM_THREADS": str(blas)} if blas else {}
    home = f" python-home={public(wheels_venv())}" if blas else ""
    lines = [
        f"User {USER}",
        f"Group {USER}",
        "WSGISocketPrefix run/wsgi",
        *("StartServers 1", "MinSpareServers 1", "MaxSpareServers 1", "MaxRequestWorkers 1"),
        f"WSGIDaemonProcess shop home=/ {group}{home}",
        "WSGIProcessGroup shop",
        "WSGIApplicationGroup %{GLOBAL}",
    ]
    return LimitedHttpd(
        ("wsgi",),
        lines,
        scripts={"shop": source + TAIL},
        single=False,
        environment=environment,
        ulimits=(line,),
    )
