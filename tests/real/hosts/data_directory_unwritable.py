"""Applications that write under httpd's user to what root owns, and such that may."""

from __future__ import annotations

import os
import pwd
from pathlib import Path

from tests.real.httpd import Httpd
from tests.real.wsgi import TAIL

APPEND = """
def answer():
    with open({path!r}, "a") as file:
        return file.write("x")
"""
READ = APPEND.replace('"a"', '"r"').replace('write("x")', "read()")
BY_SETTINGS = """
import os
import sqlite3
os.environ["DJANGO_SETTINGS_MODULE"] = "{module}"
import {module} as settings

def answer():
    with sqlite3.connect(settings.DATABASES["default"]["NAME"]) as database:
        database.execute("CREATE TABLE IF NOT EXISTS orders (number)")
        return database.execute("INSERT INTO orders VALUES (1)").rowcount
"""
SETTINGS = """
DATABASES = {{"default": {{"ENGINE": "django.db.backends.sqlite3", "NAME": {path!r}}}}}
"""


class Host(Httpd):
    """/log, /database, /read and /own; each has a directory DATA/<name>."""

    def __init__(self) -> None:
        root = Path("{root}")
        scripts = {
            "log": APPEND.format(path=str(root / "data/log/shop.log")),
            "own": APPEND.format(path=str(root / "data/own/shop.log")),
            "read": READ.format(path=str(root / "data/read/prices.txt")),
            "database": BY_SETTINGS.format(module="conf"),
        }
        super().__init__(
            ("wsgi",),
            [
                "WSGISocketPrefix run/wsgi",
                "WSGIDaemonProcess shop threads=1 home=/ python-path=lib",
                "WSGIProcessGroup shop",
                "WSGIApplicationGroup %{GLOBAL}",
            ],
            scripts={name: source + TAIL for name, source in scripts.items()},
            single=False,
        )
        for path in (*self.script_dir.iterdir(), self.config):
            text = path.read_text().replace("{root}", str(self.root))
            path.write_text(text.replace("python-path=lib", f"python-path={self.root}/lib"))
        self.dress()

    def dress(self) -> None:
        for name in (*("log", "own", "read"), "database"):
            (self.root / "data" / name).mkdir(parents=True)
        web = pwd.getpwnam("www-data")
        os.chown(self.root / "data/own", web.pw_uid, web.pw_gid)
        (self.root / "data/read/prices.txt").write_text("12")
        database = self.root / "data/database/db.sqlite3"
        database.touch()
        os.chown(database, web.pw_uid, web.pw_gid)
        (self.root / "lib").mkdir()
        (self.root / "lib/conf.py").write_text(SETTINGS.format(path=str(database)))
