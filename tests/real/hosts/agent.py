"""A booted system with Apache, one application, and the agent under its own unit."""

from __future__ import annotations

import json
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hostprobe.agent.journal import Kind
from tests.real.httpd import BASIC, load_module
from tests.real.systemd import REPOSITORY, BootedSystem
from tests.real.wsgi import TAIL

UNIT = "hostprobe.service"
COMMAND = "/usr/bin/hostprobe"
STATE = "/var/lib/hostprobe"
SETTINGS = "/etc/hostprobe/hostprobe.toml"
SITE = "/etc/apache2/sites-enabled/shop.conf"
DROP_IN = f"/etc/systemd/system/{UNIT}.d/test.conf"
USER = ("useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", "hostprobe")
CONFIG = """
ServerRoot /etc/apache2
PidFile ${APACHE_PID_FILE}
User ${APACHE_RUN_USER}
Group ${APACHE_RUN_GROUP}
ErrorLog /var/log/apache2/error.log
ServerName localhost
Listen 80
%s
IncludeOptional sites-enabled/*.conf
"""
SHOP = """
WSGIDaemonProcess shop
WSGIProcessGroup %s
WSGIScriptAlias /shop /srv/shop/app.wsgi
<Directory /srv/shop>
Require all granted
</Directory>
"""
FAULT = "wsgi-group-undefined"
"""What is found when the site names a process group that there is not."""

DEBOUNCE = 1.0
SOON = 30.0
"""Seconds that a test waits for what takes one or two."""


def furnish(system: BootedSystem) -> None:
    """Everything but the agent's start."""
    system.run(*USER)
    shutil.copyfile(REPOSITORY / "systemd" / UNIT, system.path(f"/etc/systemd/system/{UNIT}"))
    catalogue = "/usr/lib/systemd/catalog/hostprobe.catalog"
    shutil.copyfile(REPOSITORY / "systemd/hostprobe.catalog", system.path(catalogue))
    system.run("journalctl", "--update-catalog")
    system.path(COMMAND).symlink_to(Path(sys.executable).parent / "hostprobe")
    system.run("sh", "-c", f"rm -rf {STATE} /etc/hostprobe /etc/apache2/sites-enabled/*")
    settings(system)
    system.write("/srv/shop/app.wsgi", "def answer():\n    return 1\n" + TAIL)
    system.write("/etc/apache2/apache2.conf", CONFIG % "\n".join(map(load_module, MODULES)))
    site(system, "shop")
    system.write(
        "/etc/systemd/system/apache2.service.d/early.conf", "[Unit]\nDefaultDependencies=no\n"
    )
    system.run("systemctl", "daemon-reload")
    system.run("systemctl", "start", "systemd-journald", "apache2")


MODULES = (*BASIC, "wsgi")


def settings(system: BootedSystem, checks: tuple[str, ...] = (FAULT,), **agent: float) -> None:
    """hostprobe.toml with these checks (none for all) and keys of the agent."""
    values = {"debounce": DEBOUNCE} | agent
    lines = "".join(f"{key} = {value}\n" for key, value in values.items())
    system.write(SETTINGS, f"[agent]\n{lines}[scan]\nselect = {json.dumps(checks)}\n")


def site(system: BootedSystem, group: str) -> None:
    """The one site; its application runs in this process group."""
    system.write(SITE, SHOP % group)


def drop_in(system: BootedSystem, lines: str) -> None:
    """More of the unit, for the next start; none for the unit as it is."""
    system.write(DROP_IN, f"[Service]\n{lines}\n")
    system.run("systemctl", "daemon-reload")


def shown(system: BootedSystem, name: str) -> str:
    """A property of the unit."""
    return system.run("systemctl", "show", "--value", "-p", name, UNIT).strip()


def entries(system: BootedSystem, kind: Kind) -> list[dict[str, Any]]:
    """Entries of one kind, the oldest first, as journalctl reads them back."""
    text = system.run("journalctl", "--quiet", "--all", "-o", "json", f"MESSAGE_ID={kind.value}")
    return [json.loads(line) for line in text.splitlines()]


def state(system: BootedSystem, name: str) -> dict[str, Any]:
    """A file of the state directory."""
    found: dict[str, Any] = json.loads(system.path(f"{STATE}/{name}").read_text())
    return found


def successes(system: BootedSystem) -> int:
    """Scans that left a report."""
    if not system.path(f"{STATE}/agent.json").exists():
        return 0
    counters = state(system, "agent.json")
    return int(counters["scans_total"]) - sum(counters["scan_errors_total"].values())


def eventually(condition: Callable[[], Any], seconds: float = SOON) -> Any:
    """The first true answer."""
    deadline = time.monotonic() + seconds
    while not (answer := condition()):
        assert time.monotonic() < deadline, condition
        time.sleep(0.05)
    return answer


def scan_process(system: BootedSystem) -> int:
    """The number, inside, of the scan that is under way; 0 for none."""
    pid = shown(system, "MainPID")
    found = system.path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return int(found[0]) if found else 0


def idle(system: BootedSystem) -> bool:
    """No scan is under way and none is due soon."""
    return scan_process(system) == 0 and shown(system, "StatusText").startswith("Last scan")
