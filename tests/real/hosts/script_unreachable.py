"""Applications behind doors that one of their two users cannot open, and such that look alike."""

from __future__ import annotations

import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.real.httpd import Httpd

OWNER = "games"  # a user of every Debian that runs nothing
WEB, OTHER = "www", "own"
SOURCE = """
def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"works"]
"""
IMPORTING = f"import shopkit\n{SOURCE}"


@dataclass(frozen=True)
class Shop:
    """One application in a directory of its own."""

    name: str
    group: str = WEB
    directory: int = 0o755
    script: int = 0o644
    owner: str = "root"
    acl: str = ""
    access_file: int | None = None
    override: str = "None"
    allowed: str = ""
    """AllowOverrideList."""

    source: str = SOURCE


OPEN = [
    Shop("plain"),
    Shop("own-secret", OTHER, script=0o600, owner=OWNER),
    Shop("own-home", OTHER, directory=0o711, script=0o600, owner=OWNER),
    Shop("entry", script=0o640, acl="u:www-data:r"),
    Shop("other-access-file", access_file=0o600),
    Shop("access-file", access_file=0o644, override="All"),
    Shop("listed-none", access_file=0o600, allowed="None"),
]
CHILD = [
    Shop("closed-home", OTHER, directory=0o700, owner=OWNER),
    Shop("secret-access-file", access_file=0o600, override="All"),
    Shop("secret-listed-file", access_file=0o600, allowed="Redirect RedirectMatch"),
    Shop("closed", directory=0o700),
]
RUNNER = [
    Shop("secret", script=0o600),
    Shop("secret-of-owner", script=0o600, owner=OWNER),
    Shop("masked", script=0o640, acl="u:www-data:r,m::-"),
    Shop("own-group", OTHER, script=0o640),
]
IMPORTED = Shop("importing", "import", source=IMPORTING)
SHOPS = [*OPEN, *CHILD, *RUNNER, IMPORTED]


class Host(Httpd):
    """Every shop on one httpd, whose children are www-data; group OTHER runs as OWNER."""

    def __init__(self) -> None:
        super().__init__(("wsgi",), single=False)
        self.srv = self.root / "srv"
        self.packages = self.srv / "packages"
        self.packages.mkdir(parents=True)
        (self.packages / "shopkit.py").write_text("")
        self.packages.chmod(0o711)
        lines = [line for shop in SHOPS for line in self.build(shop)]
        self.config.write_text("\n".join([self.config.read_text(), *self.daemons(), *lines, ""]))

    def daemons(self) -> list[str]:
        return [
            "WSGISocketPrefix run/wsgi",
            f"WSGIDaemonProcess {WEB} threads=1 home=/",
            f"WSGIDaemonProcess {OTHER} threads=1 home=/ user={OWNER} group={OWNER}",
            f"WSGIDaemonProcess import threads=1 home=/ python-path={self.packages}",
        ]

    def place(self, shop: Shop) -> Path:
        return self.srv / shop.name

    def script(self, shop: Shop) -> Path:
        return self.place(shop) / "app.wsgi"

    def build(self, shop: Shop) -> list[str]:
        place, script = self.place(shop), self.script(shop)
        place.mkdir()
        script.write_text(shop.source)
        if shop.access_file is not None:
            (place / ".htaccess").touch()
            (place / ".htaccess").chmod(shop.access_file)
        entry = pwd.getpwnam(shop.owner)
        for path, mode in ((script, shop.script), (place, shop.directory)):
            path.chmod(mode)
            os.chown(path, entry.pw_uid, entry.pw_gid)
        if shop.acl:
            subprocess.run(["setfacl", "-n", "-m", shop.acl, script], check=True)
        options = f"process-group={shop.group} application-group=%{{GLOBAL}}"
        return [
            f"WSGIScriptAlias /{shop.name} {script} {options}",
            f"<Directory {place}>",
            "Require all granted",
            f"AllowOverride {shop.override}",
            *([f"AllowOverrideList {shop.allowed}"] if shop.allowed else []),
            "</Directory>",
        ]
