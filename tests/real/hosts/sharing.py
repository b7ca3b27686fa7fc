"""Applications that share a process, embedded or in one daemon process group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tests.real.httpd import Httpd
from tests.real.wsgi import TAIL

DAEMON = ("WSGIDaemonProcess sites threads=2 home=/", "WSGIProcessGroup sites")


def host(
    bodies: Mapping[str, str],
    lines: Sequence[str] = (),
    *,
    daemon: bool = False,
    environment: Mapping[str, str] | None = None,
) -> Httpd:
    """Each body defines `answer()`, whose repr is the response at its name; one child of httpd."""
    one_child = ["StartServers 1", "MinSpareServers 1", "MaxSpareServers 1"]
    one_child += ["ServerLimit 1", "MaxRequestWorkers 1"]
    every = [*one_child, "WSGISocketPrefix run/wsgi", *(DAEMON if daemon else ()), *lines]
    scripts = {name: body + TAIL for name, body in bodies.items()}
    return Httpd(["wsgi"], every, scripts=scripts, single=False, environment=environment)
