"""Daemons whose home= or whose user's own home cannot be entered, and others that only look so."""

from __future__ import annotations

import os
from pathlib import Path

from tests.real.httpd import Httpd
from tests.real.wsgi import TAIL

WHERE = "import os\n\ndef answer():\n    return os.getcwd()\n"
HOMELESS = "user=nobody group=nogroup"
"""Debian's nobody has the home /nonexistent, its daemon /usr/sbin."""


def groups(root: Path) -> dict[str, str]:
    """Process group -> its options; the first three fail."""
    return {
        "gone": f"home={root}/gone",
        "closed": f"home={root}/closed",
        "homeless": HOMELESS,
        "cured": f"{HOMELESS} home={root}/wsgi",
        "own": f"user=daemon group=daemon home={root}/own",
        "passwd": "user=daemon group=daemon",
        "plain": "",
    }


FAILING = ("gone", "closed", "homeless")


def host(changes: dict[str, str] | None = None) -> Httpd:
    """All groups in one httpd; `changes`: options in place of those of `groups`."""
    httpd = Httpd(["wsgi"], ["WSGISocketPrefix run/wsgi"], single=False)
    for name, owner in (("closed", 0), ("own", 1)):
        directory = httpd.root / name
        directory.mkdir(mode=0o700)
        os.chown(directory, owner, owner)
    options = groups(httpd.root) | (changes or {})
    lines = [f"<Directory {httpd.script_dir}>", "Require all granted", "</Directory>"]
    for name, text in options.items():
        script = httpd.script_dir / f"{name}.wsgi"
        script.write_text(WHERE + TAIL)
        lines.append(f"WSGIDaemonProcess {name} threads=1 {text}")
        lines.append(f"WSGIScriptAlias /{name} {script} process-group={name}")
    httpd.config.write_text(httpd.config.read_text() + "\n".join(lines) + "\n")
    return httpd
