"""Daemon process groups with and without parentheses in their title, beside Oracle's clients."""

from __future__ import annotations

import os
import subprocess
import zipfile
from pathlib import Path

from tests.real.build import cached, public
from tests.real.httpd import Httpd
from tests.real.wsgi import TAIL
from tests.wheels import wheels_venv

CX_ORACLE = "cx_Oracle==8.3.0"
"""Its source still asks for pkg_resources when it is built."""

ORACLEDB = "oracledb==26.1.0"
TITLE = """
def answer():
    return open("/proc/self/cmdline", "rb").read().split(b"\\0")[0].decode()
"""
SCRIPTS = {
    "orders": f"import cx_Oracle\n{TITLE}",
    "thin": f"import oracledb\n{TITLE}",
    "thick": f"import oracledb\n{TITLE}\n\ndef connect():\n    oracledb.init_oracle_client()\n",
    "plain": TITLE,
}
"""Application -> its script; each stands in the process group of its own name."""


def unpacked_wheel(wanted: str, *how: str) -> Path:
    """A directory for python-path with one package of the index; `how`: pip's command for it."""
    pip = (wheels_venv() / "bin/python", "-m", "pip", "--disable-pip-version-check", "--quiet")

    def make(directory: Path) -> None:
        constraint = directory / "constraint.txt"
        constraint.write_text("setuptools<81\n")
        environment = os.environ | {"PIP_CONSTRAINT": str(constraint)}
        command = [*pip, *how, "--no-deps", wanted]
        subprocess.run(command, cwd=directory, env=environment, check=True, timeout=600)
        (wheel,) = directory.glob("*.whl")
        zipfile.ZipFile(wheel).extractall(directory / "packages")
        wheel.unlink()

    return public(cached(wanted.partition("=")[0], wanted, make) / "packages")


def host(**display_names: str) -> Httpd:
    """Each application in a process group of its own, with display-name= where one is given."""
    clients = (unpacked_wheel(CX_ORACLE, "wheel"), unpacked_wheel(ORACLEDB, "download"))
    path = ":".join(map(str, clients))
    lines = ["WSGISocketPrefix run/wsgi"]
    for name in SCRIPTS:
        title = f" display-name={display_names[name]}" if name in display_names else ""
        lines.append(f"WSGIDaemonProcess {name} threads=1 home=/ python-path={path}{title}")
        lines += [f"<Location /{name}>", f"WSGIProcessGroup {name}", "</Location>"]
    scripts = {name: source + TAIL for name, source in SCRIPTS.items()}
    return Httpd(["wsgi"], lines, scripts=scripts, single=False)
