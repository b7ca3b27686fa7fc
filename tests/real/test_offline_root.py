"""A mounted root is judged by its own users and links, and nothing outside of it is looked at."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.real.httpd import public_directory
from tests.real.strace import CALLS, SCAN, opened, python_own, traced

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(os.geteuid() != 0, reason="makes files of other users"),
]

HTTPD = Path("/usr/sbin/apache2")
MODULES = Path("/usr/lib/apache2/modules")
WEB, SHOP = 61_033, 61_000  # www-data has another number there, and nobody here is user shop
PASSWD = (
    f"root:x:0:0::/root:/bin/sh\nwww-data:x:{WEB}:{WEB}::/:\nshop:x:{SHOP}:{SHOP}::/home/shop:\n"
)
GROUP = f"root:x:0:\nwww-data:x:{WEB}:\nshop:x:{SHOP}:\n"
CONFIG = """User www-data
Group www-data
LoadModule alias_module /usr/lib/apache2/modules/mod_alias.so
LoadModule authz_core_module /usr/lib/apache2/modules/mod_authz_core.so
LoadModule wsgi_module /usr/lib/apache2/modules/mod_wsgi.so
WSGIDaemonProcess shop user=shop group=shop
WSGIScriptAlias /closed /home/shop/app.wsgi process-group=shop
WSGIScriptAlias /own /srv/own/app.wsgi
WSGIScriptAlias /outside /srv/outside/hosts process-group=shop
IncludeOptional /etc/apache2/sites/*.conf
"""
ASKS = ("stat", "lstat", "newfstatat", "statx", "access", "faccessat", "faccessat2")
READS = ("readlink", "readlinkat", "getxattr", "lgetxattr", "listxattr", "getdents64")
STARTING = ("/usr/bin/python3", "/usr/lib", "/etc/os-release")
"""What Python, OpenSSL and distro look for when they start; the last one is not opened."""

ABSOLUTE = re.compile(r'^\w+\((?:AT_FDCWD[^,]*, )?"(/[^"]*)"')


@pytest.fixture
def root() -> Path:
    """A root whose links are absolute, as on the host that it belongs to."""
    root = public_directory("hostprobe-root-")
    for path in (HTTPD, *(MODULES / f"mod_{name}.so" for name in ("wsgi", "alias", "authz_core"))):
        target = root / path.relative_to("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    write(root, "etc/passwd", PASSWD)
    write(root, "etc/group", GROUP)
    write(root, "etc/apache2/apache2.conf", CONFIG)
    write(root, "data/home/shop/app.wsgi", "", mode=0o600, owner=SHOP)
    write(root, "data/own/app.wsgi", "", mode=0o600, owner=WEB)
    write(root, "data/sites/one.conf", "ServerName one.example\n")
    (root / "data/home/shop").chmod(0o700)
    os.chown(root / "data/home/shop", SHOP, SHOP)
    link(root, "home", "/data/home")
    link(root, "srv/own", "/data/own")
    link(root, "srv/outside", "/../../../../etc")
    link(root, "etc/hosts", "/var/lib/none")
    link(root, "etc/apache2/sites", "/data/sites")
    yield root
    shutil.rmtree(root)


def write(root: Path, name: str, text: str, *, mode: int = 0o644, owner: int = 0) -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(mode)
    os.chown(path, owner, owner)


def link(root: Path, name: str, target: str) -> None:
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).symlink_to(target)


def findings(root: Path, check: str) -> list[dict[str, object]]:
    command = [*SCAN, "--root", str(root), "--format", "json", "--select", check]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode in (0, 1, 3), done.stderr
    found: list[dict[str, object]] = json.loads(done.stdout)["findings"]
    return found


def test_its_own_users_decide(root: Path) -> None:
    (finding,) = findings(root, "script-unreachable")
    assert finding["title"] == "www-data may not search /data/home/shop"
    assert finding["remedy"] == ["chmod o+x /data/home/shop"]
    (finding,) = findings(root, "code-writable-by-others")
    assert finding["subject"] == "path:/data/own/app.wsgi"


def test_a_cured_root_is_silent(root: Path) -> None:
    (root / "data/home/shop").chmod(0o711)
    assert findings(root, "script-unreachable") == []


def test_nothing_outside_is_opened_asked_or_listed(root: Path, tmp_path: Path) -> None:
    calls = (*CALLS, *ASKS, *READS)
    status, seen = traced(["--root", str(root)], tmp_path / "log", calls)
    assert status in (0, 1, 3)
    inside, own = str(root.resolve()), (*python_own(), *STARTING)
    paths = {*opened(seen), *asked(seen)} - {str(one) for one in root.resolve().parents}
    assert not sorted(path for path in paths if not path.startswith((inside, *own)))
    assert "/etc/os-release" not in set(opened(seen))
    assert not paths & {"/etc/passwd", "/etc/group", "/etc/hosts", "/home", "/srv", "/data"}
    assert {f"{inside}/etc/passwd", f"{inside}/data/own/app.wsgi"} <= paths


def asked(calls: list[str]) -> set[str]:
    """Absolute paths in calls that ask for something that is there."""
    found = (ABSOLUTE.match(call) for call in calls if "ENOENT" not in call)
    return {match[1] for match in found if match and match[1] != "/"}
