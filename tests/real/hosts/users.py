"""httpds whose sockets, users and owners are in each other's way."""

from __future__ import annotations

import os
import pwd
from pathlib import Path

from tests.real.httpd import Httpd

ANNA, BEN = "games", "backup"  # users of every Debian that run nothing here
SOURCE = """
import os

def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"works"]
"""
READER = """
def application(environ, start_response):
    try:
        with open({path!r}) as file:
            answer = file.read()
    except OSError as error:
        answer = type(error).__name__
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [answer.encode()]
"""
SECRET = "ben's password"


def socket_host(prefix: str, *options: str, mode: int = 0o755) -> Httpd:
    """A daemon whose socket is at `prefix`; "sockets/" below the root has this mode."""
    lines = [f"WSGISocketPrefix {prefix}"]
    lines += [" ".join(("WSGIDaemonProcess shop threads=1 home=/", *options))]
    lines += ["WSGIProcessGroup shop"]
    httpd = Httpd(("wsgi",), lines, scripts={"shop": SOURCE}, single=False)
    (httpd.root / "sockets").mkdir()
    (httpd.root / "sockets").chmod(mode)
    return httpd


def remove_sockets(httpd: Httpd, prefix: Path) -> None:
    """What a killed parent leaves."""
    for path in prefix.parent.glob(f"{prefix.name}.{httpd.pid}.*"):
        path.unlink(missing_ok=True)


def with_user(user: str, *options: str) -> Httpd:
    """User, and a daemon with these options."""
    daemon = " ".join(("WSGIDaemonProcess shop threads=1", *options))
    lines = ["WSGISocketPrefix run/wsgi", daemon]
    httpd = Httpd(("wsgi",), lines, scripts={"shop": SOURCE}, single=False)
    text = httpd.config.read_text()
    httpd.config.write_text(text.replace("User www-data\n", f"User {user}\n"))
    return httpd


def shared_host(lines: tuple[str, ...] = ()) -> Httpd:
    """/anna reads a file of Ben that httpd's group may read; each has a script in a home."""
    httpd = Httpd(("wsgi",), ["WSGISocketPrefix run/wsgi"], single=False)
    web = pwd.getpwnam("www-data").pw_gid
    secret = httpd.root / "ben" / "settings.py"
    for owner, source in (("anna", READER.format(path=str(secret))), ("ben", SOURCE)):
        place = httpd.root / owner
        place.mkdir()
        (place / "app.wsgi").write_text(source)
        entry = pwd.getpwnam({"anna": ANNA, "ben": BEN}[owner])
        os.chown(place / "app.wsgi", entry.pw_uid, entry.pw_gid)
    secret.write_text(SECRET)
    secret.chmod(0o640)
    os.chown(secret, pwd.getpwnam(BEN).pw_uid, web)
    groups = lines or ("WSGIDaemonProcess all threads=1", "WSGIProcessGroup all")
    mounts = [f"WSGIScriptAlias /{one} {httpd.root}/{one}/app.wsgi" for one in ("anna", "ben")]
    access = [f"<Directory {httpd.root}>", "Require all granted", "</Directory>", ""]
    httpd.config.write_text("\n".join([httpd.config.read_text(), *groups, *mounts, *access]))
    return httpd


def separate_host() -> Httpd:
    """The same with a daemon for each owner, as hostprobe's remedy says."""
    lines = []
    for owner, user in (("anna", ANNA), ("ben", BEN)):
        lines += [f"WSGIDaemonProcess {user} user={user} group={user} threads=1"]
        lines += [f"<Location /{owner}>", f"WSGIProcessGroup {user}", "</Location>"]
    return shared_host(tuple(lines))
