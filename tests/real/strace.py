"""A scan under strace: which system calls it makes, and on what."""

from __future__ import annotations

import os
import re
import site
import subprocess
import sys
import sysconfig
from collections.abc import Iterator, Sequence
from pathlib import Path

import hostprobe

SCAN = [sys.executable, "-m", "hostprobe", "scan"]
SUCCESS = re.compile(r"= \d+<([^>]*)>$")
FORBIDDEN = (
    "creat",
    "connect",
    "ptrace",
    "process_vm_readv",
    "kill",
    "unlink",
    "unlinkat",
    "rename",
)
CALLS = ("execve", "execveat", "open", "openat", "openat2", *FORBIDDEN)


def traced(arguments: list[str], log: Path, names: Sequence[str] = CALLS) -> tuple[int, list[str]]:
    """Exit status and the system calls of a scan; `-y` names the file behind each descriptor."""
    calls = ",".join(names)
    command = [
        "strace",
        "-f",
        "-y",
        "-qq",
        "-e",
        f"trace={calls}",
        "-o",
        str(log),
        *SCAN,
        *arguments,
    ]
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(command, env=environment, capture_output=True, timeout=120, check=False)
    return done.returncode, [
        line.partition(" ")[2].lstrip() for line in log.read_text().splitlines()
    ]


def opened(calls: list[str]) -> Iterator[str]:
    """Real paths of the files that were opened."""
    for call in calls:
        found = SUCCESS.search(call)
        if call.startswith("open") and found:
            yield found[1]


def python_own() -> tuple[str, ...]:
    """Where Python, its packages and hostprobe's code are."""
    code = Path(hostprobe.__file__).resolve().parent.parent
    places = {
        *sysconfig.get_paths().values(),
        *site.getsitepackages(),
        sys.base_prefix + "/lib/python3",
    }
    libraries = ("/usr/lib/python3", "/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu")
    others = (
        "/etc/ld.so.cache",
        "/proc/self/",
        "/dev/null",
        "/usr/lib/locale",
        "/usr/share/locale",
    )
    imports = ("/etc/locale.alias", "/etc/ssl/openssl.cnf")  # setlocale, hashlib
    pid = (*imports, "/proc/", "/etc/localtime", "/usr/share/zoneinfo", "/etc/python3")
    return (str(code), sys.prefix, *places, *libraries, *others, *pid)
