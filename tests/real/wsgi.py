"""An httpd with one WSGI application at /shop, in embedded mode or in a daemon process group."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tests.real.build import public
from tests.real.httpd import Httpd, Module

TAIL = """

def application(environ, start_response):
    text = repr(answer())
    start_response("200 OK", [("Content-Type", "text/plain; charset=utf-8")])
    return [text.encode()]
"""


def wsgi_host(
    body: str,
    modules: Sequence[Module] = ("wsgi",),
    lines: Sequence[str] = (),
    *,
    before: Sequence[str] = (),
    path: Path | None = None,
    home: Path | None = None,
    daemon: bool = False,
) -> Httpd:
    """`body` defines `answer()`, whose repr is the response of /shop; a traceback is a 500.

    `path` becomes python-path, `home` python-home, of the server or of the daemon process group.
    """
    places = (public(path) if path else None, public(home) if home else None)
    where = (daemon_lines if daemon else embedded_lines)(*places)
    scripts = {"shop": body + TAIL}
    return Httpd(modules, [*lines, *where], scripts=scripts, before=before, single=not daemon)


def embedded_lines(path: Path | None, home: Path | None) -> list[str]:
    lines = [f"WSGIPythonPath {path}"] if path else []
    return [*lines, f"WSGIPythonHome {home}"] if home else lines


def daemon_lines(path: Path | None, home: Path | None) -> list[str]:
    options = [f"python-path={path}"] if path else []
    options += [f"python-home={home}"] if home else []
    return [
        "WSGISocketPrefix run/wsgi",
        " ".join(("WSGIDaemonProcess shop threads=2 home=/", *options)),
        "WSGIProcessGroup shop",
    ]
