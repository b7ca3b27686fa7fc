"""Debian's apache2.service with drop-ins, run by a real systemd, and what its sandbox hides."""

from __future__ import annotations

import shutil
from dataclasses import dataclass

from tests.real.build import extension, python_variable
from tests.real.hosts.noexec_mount import EXTENSION
from tests.real.httpd import BASIC, load_module
from tests.real.systemd import BootedSystem
from tests.real.wsgi import TAIL
from tests.wheels import wheels_venv

UNIT = "apache2.service"
DROP_INS = f"/etc/systemd/system/{UNIT}.d"
PACKAGES, DATA, LOG = "/opt/shop", "/var/lib/shop", "/var/log/apache2/error.log"
CONFIG = """
ServerRoot /etc/apache2
PidFile ${APACHE_PID_FILE}
User ${APACHE_RUN_USER}
Group ${APACHE_RUN_GROUP}
ErrorLog %(log)s
ServerName localhost
Listen 80
%(modules)s
WSGISocketPrefix /run/apache2/wsgi
%(lines)s
WSGIScriptAlias /shop %(script)s
<Directory %(folder)s>
Require all granted
</Directory>
"""
PLAIN = "def answer():\n    return 1\n"
FAST = f"""
import sys
sys.path.insert(0, "{PACKAGES}")
import shopfast
def answer():
    return shopfast.__name__
"""
WRITER = f"""
def answer():
    with open("{DATA}/log", "a") as log:
        return log.write("sold")
"""
CALLBACK = f"""
import sys
sys.path.insert(0, "{PACKAGES}")
import cffi
ffi = cffi.FFI()
def answer():
    return ffi.callback("int(int)", lambda number: number + 1)(1)
"""
READER = """
def answer():
    with open("/tmp/rates") as rates:
        return rates.read()
"""


@dataclass(frozen=True)
class Variant:
    """A drop-in, an application, how it fails under the one, and what it answers without."""

    settings: str
    source: str
    failure: str
    """In the error log, or in the response."""

    answer: str
    script: str = "/srv/shop/app.wsgi"
    lines: str = ""


DAEMON = "WSGIDaemonProcess shop\nWSGIProcessGroup shop"
VARIANTS = {
    "ProtectHome": Variant(
        "ProtectHome=yes",
        PLAIN,
        "ensure it is readable and that '/home/' is executable",
        "1",
        script="/home/shop/app.wsgi",
    ),
    "ProtectHome, empty": Variant(
        "ProtectHome=tmpfs", PLAIN, "Not Found", "1", script="/home/shop/app.wsgi"
    ),
    "PrivateTmp": Variant("", PLAIN, "Not Found", "1", script="/tmp/shop/app.wsgi"),
    "PrivateTmp, data": Variant("", READER, "No such file or directory: '/tmp/rates'", "'7'"),
    "InaccessiblePaths": Variant(
        f"InaccessiblePaths={PACKAGES}", FAST, "No module named 'shopfast'", "'shopfast'"
    ),
    "NoExecPaths": Variant(
        f"NoExecPaths={PACKAGES}", FAST, "failed to map segment from shared object", "'shopfast'"
    ),
    "ProtectSystem": Variant(
        "ProtectSystem=strict\nReadWritePaths=/var/log /run", WRITER, "Read-only file system", "4"
    ),
    "MemoryDenyWriteExecute": Variant(
        "MemoryDenyWriteExecute=yes", CALLBACK, "Cannot allocate write+execute memory", "2"
    ),
    "RestrictAddressFamilies": Variant(
        "RestrictAddressFamilies=AF_INET AF_INET6",
        PLAIN,
        "Address family not supported by protocol",
        "1",
        lines=DAEMON,
    ),
}
SILENT = {
    "stock": Variant("", FAST, "", "'shopfast'", lines=DAEMON),
    "ProtectHome=read-only": Variant(
        "ProtectHome=read-only", PLAIN, "", "1", script="/home/shop/app.wsgi"
    ),
    "ProtectSystem=full": Variant("ProtectSystem=full", WRITER, "", "4"),
    "NoExecPaths elsewhere": Variant("NoExecPaths=/srv /home", FAST, "", "'shopfast'"),
    "ctypes": Variant(
        "MemoryDenyWriteExecute=yes",
        "import ctypes\nfrom ctypes import c_int\nF = ctypes.CFUNCTYPE(c_int, c_int)\n"
        "def answer():\n    return F(lambda number: number + 1)(1)\n",
        "",
        "2",
    ),
}


def furnish(system: BootedSystem) -> None:
    """Packages and data that the applications use."""
    built = extension("shopfast", EXTENSION)
    packages = system.path(PACKAGES)
    packages.mkdir(parents=True)
    shutil.copyfile(built, packages / built.name)
    installed = next(wheels_venv().glob("lib/python3.*/site-packages"))
    for name in ("cffi", "pycparser"):
        shutil.copytree(installed / name, packages / name)
    backend = f"_cffi_backend{python_variable('EXT_SUFFIX')}"
    shutil.copyfile(installed / backend, packages / backend)
    system.write("/tmp/rates", "7")
    system.run("install", "-d", "-o", "www-data", DATA)


def start(system: BootedSystem, variant: Variant) -> bool:
    """Whether apache2.service starts anew with the variant."""
    folder, _, name = variant.script.rpartition("/")
    system.run("sh", "-c", f"rm -rf {DROP_INS} {folder}/{name} {LOG}")
    system.write(variant.script, variant.source + TAIL)
    values = {"log": LOG, "lines": variant.lines, "script": variant.script, "folder": folder}
    values["modules"] = "\n".join(map(load_module, (*BASIC, "wsgi")))
    system.write("/etc/apache2/apache2.conf", CONFIG % values)
    system.write(f"{DROP_INS}/early.conf", "[Unit]\nDefaultDependencies=no\n")
    system.write(f"{DROP_INS}/override.conf", f"[Service]\n{variant.settings}\n")
    system.run("systemctl", "daemon-reload")
    return system.done("systemctl", "restart", UNIT).returncode == 0
