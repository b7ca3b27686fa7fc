"""Applications that crash, stop, or do what mod_wsgi forbids; the error log tells of each."""

from __future__ import annotations

from pathlib import Path

from tests.real.httpd import Httpd

TAIL = """
def application(environ, start_response):
    act()
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"fine"]
"""
ACTS = {
    # a real fault: a signal to the process may let the request end first
    "segfault": "import ctypes\ndef act():\n    ctypes.string_at(0)\n",
    "stdin": "import sys\ndef act():\n    sys.stdin.read()\n",
    "absent": "def act():\n    open('/proc/1/environ')\n",
    "error": "def act():\n    raise ValueError('the application itself')\n",
    "fine": "def act():\n    pass\n",
}
RESTRICTED = ["WSGIRestrictStdin On"]


def host(*names: str, lines: tuple[str, ...] = ()) -> Httpd:
    """`names` of ACTS, the crashing one in a daemon process group of its own."""
    httpd = Httpd(
        ["wsgi"], [*RESTRICTED, *lines], scripts={name: ACTS[name] + TAIL for name in names}
    )
    httpd.single = False
    if "segfault" in names:
        more = [
            "WSGISocketPrefix run/wsgi",
            "WSGIDaemonProcess crashing threads=2",
            "<Location /segfault>\nWSGIProcessGroup crashing\n</Location>",
        ]
        with httpd.config.open("a") as config:
            config.write("\n".join(more) + "\n")
    return httpd


def log_of(httpd: Httpd) -> Path:
    return httpd.root / "error.log"
