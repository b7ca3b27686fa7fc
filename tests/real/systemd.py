"""A real systemd with this host's own files or those of another root, writable for itself.

What it wrote is gone when the block ends.
"""

from __future__ import annotations

import contextlib
import functools
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.real.httpd import public_directory

REPOSITORY = Path(__file__).parents[2]
START_SECONDS = 60.0
TARGET = "[Unit]\nDescription=What a test needs of a system\nDefaultDependencies=no\n"
BOOT = r"""
mount -t tmpfs none "$1"
cd "$1"
mkdir upper work root
mount -t overlay none -o "lowerdir=$3,upperdir=upper,workdir=work" root
mkdir -p root/etc/systemd/system
printf "$2" > root/etc/systemd/system/hostprobe-test.target
shift 3
exec systemd-nspawn --quiet --directory=root --boot --register=no --keep-unit "$@" \
    --machine="hostprobe-$$" systemd.unit=hostprobe-test.target
"""
ALONE = ("--private-network", f"--bind-ro={REPOSITORY}")
NAMESPACES = ("-m", "-p", "-u", "-i", "-n", "-C")
GET = """
import http.client, sys
connection = http.client.HTTPConnection("127.0.0.1", 80, timeout=60)
connection.request("GET", sys.argv[1])
answer = connection.getresponse()
sys.stdout.buffer.write(b"%d " % answer.status + answer.read())
"""


@functools.cache
def may_mount() -> bool:
    """A namespace of its own is granted: not in every container."""
    return subprocess.run(["unshare", "--mount", "true"], check=False).returncode == 0


class BootedSystem:
    """`with BootedSystem() as system: system.run("systemctl", "start", "apache2")`."""

    def __init__(self, root: Path = Path("/"), options: Sequence[str] = ALONE) -> None:
        self.root, self.options = root, options
        self.directory = public_directory("hostprobe-system-")
        self.process: subprocess.Popen[bytes] | None = None
        self.leader = 0

    def __enter__(self) -> Self:
        command = ["unshare", "--mount", "sh", "-e", "-c", BOOT, "sh"]
        command += [str(self.directory), TARGET, str(self.root), *self.options]
        with (self.directory / "console").open("wb") as console:
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=console,
                start_new_session=True,
            )
        try:
            self.wait_until_ready()
        except BaseException:
            self.close()
            raise
        return self

    def wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        assert self.process is not None
        while not self.is_ready(self.process.pid):
            is_running = self.process.poll() is None and time.monotonic() < deadline
            assert is_running, (self.directory / "console").read_text("utf-8", "replace")
            time.sleep(0.05)

    def is_ready(self, pid: int) -> bool:
        found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        self.leader = int(found[0]) if found else 0
        if not self.leader:
            return False
        return self.done("systemctl", "is-active", "hostprobe-test.target").returncode == 0

    def done(self, *command: str | Path) -> subprocess.CompletedProcess[str]:
        """A command that ended inside."""
        enter = ["nsenter", "-t", str(self.leader), *NAMESPACES, "--wd=/", "--"]
        return subprocess.run(
            [*enter, *command], capture_output=True, text=True, timeout=120, check=False
        )

    def run(self, *command: str | Path) -> str:
        """Its stdout; AssertionError with everything it said when it fails."""
        done = self.done(*command)
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
        return done.stdout

    def path(self, inside: str) -> Path:
        """How a path of the system is reached from outside."""
        return Path(f"/proc/{self.leader}/root{inside}")

    def write(self, inside: str, text: str) -> None:
        self.path(inside).parent.mkdir(parents=True, exist_ok=True)
        self.path(inside).write_text(text)

    def get(self, url: str) -> tuple[int, str]:
        """Status and body of its server at port 80."""
        status, _, body = self.run(sys.executable, "-c", GET, url).partition(" ")
        return int(status), body

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """With its first process all others end, and with them the mounts."""
        assert self.process is not None
        with contextlib.suppress(ProcessLookupError):
            if self.leader:
                os.kill(self.leader, signal.SIGKILL)
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        shutil.rmtree(self.directory)
