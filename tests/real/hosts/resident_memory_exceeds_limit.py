"""Children that each load a large application, in a control group that has no room for all."""

from __future__ import annotations

from pathlib import Path

from tests.real.control_group import joining
from tests.real.httpd import Httpd
from tests.real.limited import LimitedHttpd

LIMIT = 200 << 20
SCRIPT = """
import time

kept = b"x" * (40 << 20)

def application(environ, start_response):
    time.sleep(float(environ["QUERY_STRING"] or 0))
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"kept"]
"""


def host(group: Path, workers: int = 8) -> Httpd:
    """One child at first."""
    lines = ["StartServers 1", "MinSpareServers 1", "MaxSpareServers 8", "ServerLimit 8"]
    lines.append(f"MaxRequestWorkers {workers}")
    return LimitedHttpd(
        ("wsgi",), lines, scripts={"shop": SCRIPT}, single=False, ulimits=(joining(group),)
    )
