"""Code that others may change: they do, and the server runs it."""

from __future__ import annotations

import os
import pwd
import subprocess
import sys
from pathlib import Path

from tests.real.httpd import Httpd

STRANGER = "games"  # a user of every Debian that runs nothing
APP = """
import colorsys

def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [getattr(colorsys, "PLANTED", "own").encode()]
"""
PLANTED = APP.replace('"own"', '"planted"')
MODULE = 'PLANTED = "planted"\n'
WRITER = """
def application(environ, start_response):
    answer = "own"
    try:
        with open(__file__, "a") as file:
            file.write("\\n# changed by itself\\n")
    except PermissionError:
        answer = "refused"
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [answer.encode()]
"""


class Host(Httpd):
    """/script, /path, /self and /alike, each with a daemon of its own."""

    def __init__(self) -> None:
        super().__init__(("wsgi",), single=False)
        self.srv = self.root / "srv"
        self.library = self.srv / "library"
        self.library.mkdir(parents=True)
        self.library.chmod(0o1777)
        self.scripts = {name: self.write(name, APP) for name in ("script", "path", "alike")}
        self.scripts["self"] = self.write("self", WRITER)
        self.dress()
        daemons = [f"WSGIDaemonProcess {name} threads=1 home=/" for name in self.scripts]
        daemons[1] += f" python-path={self.library}"
        mounts = [
            f"WSGIScriptAlias /{name} {path} process-group={name} application-group=%{{RESOURCE}}"
            for name, path in self.scripts.items()
        ]
        access = [f"<Directory {self.root}>", "Require all granted", "</Directory>", ""]
        lines = ["WSGISocketPrefix run/wsgi", *daemons, *mounts, *access]
        self.config.write_text("\n".join([self.config.read_text(), *lines]))

    def write(self, name: str, source: str) -> Path:
        place = self.srv / name
        place.mkdir()
        (place / "app.wsgi").write_text(source)
        return place / "app.wsgi"

    def dress(self) -> None:
        """What others may change, and a script that looks like it: 0646 behind a closed door."""
        web = pwd.getpwnam("www-data")
        self.scripts["script"].chmod(0o666)
        os.chown(self.scripts["self"], web.pw_uid, web.pw_gid)
        self.scripts["alike"].chmod(0o646)
        os.chown(self.scripts["alike"], 0, web.pw_gid)
        os.chown(self.scripts["alike"].parent, 0, web.pw_gid)
        self.scripts["alike"].parent.chmod(0o750)


def plant(path: Path, text: str) -> bool:
    """Whether the stranger can write this there."""
    entry = pwd.getpwnam(STRANGER)
    code = "import sys; open(sys.argv[1], 'w').write(sys.argv[2])"
    done = subprocess.run(
        ["/usr/bin/python3", "-I", "-c", code, path, text],
        user=entry.pw_uid, group=entry.pw_gid, extra_groups=[], cwd="/",
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0 or "PermissionError" in done.stderr, done.stderr + sys.version
    return done.returncode == 0
