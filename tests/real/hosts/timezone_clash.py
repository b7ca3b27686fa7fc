"""Two sites with a time zone each: by TZ and tzset, as Django's settings do it, or by zoneinfo."""

from __future__ import annotations

from tests.real.hosts import sharing
from tests.real.httpd import Httpd

BY_TZ = """
import os, time
os.environ["TZ"] = "{zone}"
time.tzset()
def answer():
    return time.strftime("%H:%M", time.localtime(86400 * 200))
"""
BY_ZONEINFO = """
import datetime, zoneinfo
ZONE = zoneinfo.ZoneInfo("{zone}")
def answer():
    return datetime.datetime.fromtimestamp(86400 * 200, ZONE).strftime("%H:%M")
"""
TOKYO, UTC, LISBON = "'09:00'", "'00:00'", "'01:00'"


def host(shop: str, blog: str, body: str = BY_TZ, *, daemon: bool = False) -> Httpd:
    bodies = {"shop": body.format(zone=shop), "blog": body.format(zone=blog)}
    return sharing.host(bodies, daemon=daemon)


SILENT = """
import time
def answer():
    return time.strftime("%H:%M", time.localtime(86400 * 200))
"""


def with_import_script(early: str, shop: str, process: str, interpreter: str) -> Httpd:
    """The zone `early` by an import script; beside the shop an application that sets none."""
    bodies = {"shop": BY_TZ.format(zone=shop), "quiet": SILENT}
    httpd = sharing.host(bodies, daemon=True, environment={"TZ": "UTC"})
    script = httpd.script_dir / "early.py"
    script.write_text(BY_TZ.format(zone=early))
    lines = httpd.config.read_text().splitlines()
    place = next(n for n, line in enumerate(lines) if line.startswith("WSGIProcessGroup"))
    options = f"process-group={process} application-group={interpreter}"
    lines.insert(place, f"WSGIImportScript {script} {options}")
    httpd.config.write_text("\n".join(lines) + "\n")
    return httpd
