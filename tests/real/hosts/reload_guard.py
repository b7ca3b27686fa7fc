"""Debian's apache2.service with the reload guard, run by a real systemd."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.real.build import apache_module
from tests.real.systemd import REPOSITORY, BootedSystem

UNIT = "apache2.service"
GUARD = REPOSITORY / "systemd/apache2-reload-guard.conf"
CONFIG, GHOST = "/etc/apache2/apache2.conf", "/etc/apache2/ghost.conf"
MODULE, SCRIPT = "/opt/mod_bolt.so", "/srv/shop/app.wsgi"
COMMAND = f"""#!/bin/sh
cd {REPOSITORY} && exec {sys.executable} -m hostprobe "$@"
"""
BROKEN = "#!/bin/sh\necho Traceback >&2\nexit 1\n"
LINES = f"""
ServerRoot /etc/apache2
PidFile ${{APACHE_PID_FILE}}
User ${{APACHE_RUN_USER}}
Group ${{APACHE_RUN_GROUP}}
ErrorLog /var/log/apache2/error.log
ServerName localhost
Listen 80
%(modules)s
LoadModule bolt_module {MODULE}
WSGIScriptAlias /shop {SCRIPT}
<Directory /srv/shop>
Require all granted
</Directory>
IncludeOptional {GHOST}
"""
APPLICATION = """
def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"open"]
"""


def module(*, is_sound: bool) -> Path:
    """A module, or one that lacks a symbol."""
    source = "" if is_sound else "extern int nobody(void); int ask(void) { return nobody(); }"
    return apache_module("bolt", source)


def install(system: BootedSystem, path: Path) -> None:
    """As a package manager does it."""
    fresh = system.path(f"{MODULE}.dpkg-new")
    shutil.copy(path, fresh)
    fresh.rename(system.path(MODULE))


def provide(system: BootedSystem, command: str) -> None:
    """/usr/bin/hostprobe."""
    system.write("/usr/bin/hostprobe", command)
    system.path("/usr/bin/hostprobe").chmod(0o755)


@contextmanager
def guarded(modules: str) -> Iterator[BootedSystem]:
    """The unit runs with the guard and one application."""
    with BootedSystem() as system:
        provide(system, COMMAND)
        system.write(f"/etc/systemd/system/{UNIT}.d/reload-guard.conf", GUARD.read_text())
        install(system, module(is_sound=True))
        system.write(SCRIPT, APPLICATION)
        system.write(CONFIG, LINES % {"modules": modules})
        system.run("mkdir", "-p", "/var/log/apache2")
        system.run("systemctl", "daemon-reload")
        system.run("systemctl", "start", UNIT)
        yield system
