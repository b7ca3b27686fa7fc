"""What a unit's settings do to paths, asked of a real systemd."""

from __future__ import annotations

import json

import pytest

from hostprobe.model.sandbox import Sandbox
from hostprobe.parse.systemd_unit import parse_unit
from tests.model.memory_files import MemoryFiles
from tests.real.systemd import BootedSystem, may_mount

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not may_mount(), reason="a container takes root"),
]
PATHS = (
    "/home/a", "/home/a/b", "/root/a", "/tmp/a", "/var/tmp/a", "/usr/a", "/etc/a", "/srv/a",
    "/srv/a/b", "/srv/a/b/c", "/var/lib/a", "/var/lib/a/b", "/var/cache/a", "/opt/a", "/run/a",
    "/dev/a", "/dev/shm/a",
)  # fmt: skip
FAMILIES = ("AF_UNIX", "AF_INET", "AF_INET6", "AF_NETLINK")
PROBE = """
import json, mmap, os, socket, sys
def look(path):
    if not os.path.exists(path + "/mark"):
        return None
    flags = os.statvfs(path).f_flag
    return [not flags & os.ST_RDONLY, not flags & os.ST_NOEXEC]
def works(attempt):
    try:
        attempt()
    except OSError:
        return False
    return True
def new_code():
    mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
paths = {path: look(path) for path in sys.argv[1].split(",")}
families = sys.argv[2].split(",")
sockets = [
    name for name in families
    if works(lambda: socket.socket(getattr(socket, name), socket.SOCK_DGRAM))
]
print(json.dumps([paths, sockets, works(new_code)]))
"""
Verdict = list[object]
"""Path -> [writable, executable] or None where it is not seen; families; whether code is made."""

SETTINGS = (
    "",
    "PrivateTmp=yes",
    "PrivateTmp=yes\nPrivateTmp=",
    "ProtectHome=yes",
    "ProtectHome=ON",
    "ProtectHome=read-only",
    "ProtectHome=tmpfs",
    "ProtectHome=tmpfs\nBindReadOnlyPaths=/home/a/b",
    "ProtectHome=tmpfs\nBindPaths=/srv/a:/home/a",
    "ProtectHome=yes\nReadWritePaths=/home/a",
    "ProtectHome=read-only\nReadWritePaths=/home/a/b",
    "ProtectSystem=yes",
    "ProtectSystem=full",
    "ProtectSystem=strict",
    "ProtectSystem=strict\nPrivateTmp=yes",
    "ProtectSystem=strict\nProtectHome=read-only",
    "ProtectSystem=strict\nReadWritePaths=/srv/a/b -/nowhere",
    "ProtectSystem=strict\nStateDirectory=a/b",
    "ProtectSystem=strict\nCacheDirectory=a",
    "ProtectSystem=full\nReadWritePaths=/etc",
    "ReadOnlyPaths=/srv/a\nReadWritePaths=/srv/a",
    "ReadOnlyPaths=/srv/a\nReadWritePaths=/srv/a/b\nReadOnlyPaths=/srv/a/b/c",
    "ReadOnlyPaths=/srv\nReadOnlyPaths=\nReadOnlyPaths=/opt",
    "InaccessiblePaths=/srv/a",
    "InaccessiblePaths=/srv/a\nReadWritePaths=/srv/a/b",
    "InaccessiblePaths=-/nowhere /opt",
    "TemporaryFileSystem=/srv",
    "TemporaryFileSystem=/srv:ro\nBindPaths=/srv/a/b",
    "TemporaryFileSystem=/var:ro\nBindReadOnlyPaths=/var/lib/a",
    "NoExecPaths=/srv /home\nExecPaths=/srv/a/b",
    "NoExecPaths=/\nExecPaths=/usr /lib /lib64",
    "NoExecPaths=/srv\nReadOnlyPaths=/srv/a",
    "BindReadOnlyPaths=/opt/a:/srv/a",
    "ReadOnlyPaths=/\nPrivateTmp=yes",
    "PrivateTmp=yes\nPrivateTmp=maybe",
    "BindReadOnlyPaths=/opt/a:/srv/a",
    "ReadOnlyPaths=/srv\nNoExecPaths=/srv/a",
    "ReadOnlyPaths=/srv\nExecPaths=/srv/a",
    "NoExecPaths=/srv\nReadWritePaths=/srv/a",
    "NoExecPaths=/srv\nBindPaths=/srv/a",
    "ReadOnlyPaths=/srv/a\nNoExecPaths=/srv/a",
    "ReadWritePaths=/srv/a\nNoExecPaths=/srv/a",
    "ProtectSystem=strict\nNoExecPaths=/srv/a",
    "NoExecPaths=/home\nProtectHome=read-only",
    "NoExecPaths=/\nProtectSystem=strict\nExecPaths=/usr /lib /lib64",
    "NoExecPaths=/srv/a\nExecPaths=/srv/a",
    "RuntimeDirectory=b\nProtectSystem=strict",
    "InaccessiblePaths=/srv/a\nBindPaths=/opt/a:/srv/a/b",
    "TemporaryFileSystem=/srv\nNoExecPaths=/srv",
    "TemporaryFileSystem=/srv\nReadOnlyPaths=/srv",
    "ReadOnlyPaths=/srv\nTemporaryFileSystem=/srv/a",
    "PrivateTmp=yes\nBindReadOnlyPaths=/tmp/a",
    "PrivateTmp=yes\nBindPaths=/tmp/a",
    "ProtectSystem=strict\nReadOnlyPaths=/srv\nReadWritePaths=/srv/a",
    "PrivateDevices=yes\nBindPaths=/dev/a",
    "PrivateDevices=yes",
    "PrivateDevices=yes\nProtectSystem=strict",
    "DynamicUser=yes\nUser=root",
    "DynamicUser=yes\nDynamicUser=no\nUser=root",
    "DynamicUser=yes\nUser=root\nPrivateTmp=no\nProtectHome=no\nProtectSystem=no",
    "DynamicUser=yes\nUser=root\nProtectHome=yes",
    "DynamicUser=yes\nUser=root\nProtectHome=tmpfs\nBindPaths=/home/a",
    "DynamicUser=yes\nUser=root\nProtectSystem=full\nReadWritePaths=/srv/a",
    "DynamicUser=yes\nUser=root\nBindPaths=/tmp/a /var/lib/a",
    "RestrictAddressFamilies=AF_UNIX AF_INET",
    "RestrictAddressFamilies=~AF_UNIX AF_INET",
    "RestrictAddressFamilies=none",
    "RestrictAddressFamilies=AF_INET\nRestrictAddressFamilies=AF_INET6 AF_NETLINK",
    "RestrictAddressFamilies=AF_UNIX AF_INET\nRestrictAddressFamilies=~AF_INET",
    "RestrictAddressFamilies=~AF_UNIX AF_INET\nRestrictAddressFamilies=AF_INET",
    "RestrictAddressFamilies=AF_INET\nRestrictAddressFamilies=",
    "RestrictAddressFamilies=AF_INET\nRestrictAddressFamilies=none",
    "RestrictAddressFamilies=none\nRestrictAddressFamilies=AF_UNIX",
    "MemoryDenyWriteExecute=yes",
    "MemoryDenyWriteExecute=yes\nMemoryDenyWriteExecute=",
    "MemoryDenyWriteExecute=yes\nMemoryDenyWriteExecute=no",
)


UNIT = """[Unit]
DefaultDependencies=no
[Service]
Type=oneshot
ExecStart=/usr/bin/python3 /usr/local/share/probe.py {paths} {families}
StandardOutput=truncate:/usr/local/share/{name}.answer
{settings}
"""


def unit(name: str, settings: str) -> str:
    return UNIT.format(
        paths=",".join(PATHS), families=",".join(FAMILIES), name=name, settings=settings
    )


@pytest.fixture(scope="module")
def answers() -> dict[str, Verdict]:
    """What a service with each of the settings sees."""
    units = {settings: f"probe{number}" for number, settings in enumerate(SETTINGS)}
    with BootedSystem() as system:
        for path in PATHS:
            system.write(f"{path}/mark", "x")
        system.write("/usr/local/share/probe.py", PROBE)
        for settings, name in units.items():
            system.write(f"/run/systemd/system/{name}.service", unit(name, settings))
        system.run("systemctl", "daemon-reload")
        system.run("systemctl", "start", *(f"{name}.service" for name in units.values()))
        found = {
            settings: system.path(f"/usr/local/share/{name}.answer").read_text()
            for settings, name in units.items()
        }
    return {settings: json.loads(text) for settings, text in found.items()}


def judged(settings: str) -> Verdict:
    """What hostprobe says that it sees."""
    parsed = parse_unit(f"[Service]\n{settings}\n".encode())
    files = MemoryFiles(dict.fromkeys((f"{path}/mark" for path in PATHS), ""))
    sandbox = Sandbox("probe.service", (("/x", parsed),), files)
    families = [name for name in FAMILIES if not sandbox.forbids_family(name)]
    paths = {path: verdict(sandbox, path) for path in PATHS}
    return [paths, families, not sandbox.forbids_new_code]


def verdict(sandbox: Sandbox, path: str) -> list[bool] | None:
    if sandbox.hides(f"{path}/mark"):
        return None
    return [not sandbox.forbids_writing(path), not sandbox.forbids_executing(path)]


@pytest.mark.parametrize("settings", SETTINGS)
def test_settings_do_what_systemd_does(answers: dict[str, Verdict], settings: str) -> None:
    assert judged(settings) == answers[settings]
