"""A detached httpd, whose applications read a file by a relative path or move their process."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Sequence

from tests.real.httpd import START_SECONDS, STOP_SECONDS, Httpd, RefusedError
from tests.real.wsgi import TAIL

READS = """import os

def answer():
    with open("prices.txt") as prices:
        return prices.read()
"""
BY_FILE = READS.replace('"prices.txt"', 'os.path.join(os.path.dirname(__file__), "prices.txt")')
WHERE = "import os\n\ndef answer():\n    return os.getcwd()\n"
MOVES = WHERE + "\nos.chdir('/tmp')\n"
MISSING = "No such file or directory: 'prices.txt'"
PRICE = repr("12 EUR")


class Detached(Httpd):
    """Started as apachectl does: the parent leaves its caller."""

    @property
    def command(self) -> list[str]:
        return [str(self.binary), "-f", str(self.config)]

    @property
    def pid(self) -> int:
        return int((self.root / "run/httpd.pid").read_text())

    def wait_until_ready(self) -> None:
        assert self.process is not None
        if self.process.wait(START_SECONDS):
            raise RefusedError(f"exit status {self.process.returncode}\n{self.error_log}")
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError):
                self.get("/-ready-")
                return
            time.sleep(0.02)
        raise RefusedError(f"no answer\n{self.error_log}")

    def stop(self) -> None:
        """SIGTERM, then SIGKILL to its process group, which apr_proc_detach makes."""
        with contextlib.suppress(OSError, ValueError):
            pid = self.pid
            os.kill(pid, signal.SIGTERM)
            time.sleep(STOP_SECONDS)
            os.killpg(pid, signal.SIGKILL)


def host(scripts: dict[str, str], lines: Sequence[str] = ()) -> Httpd:
    """Embedded unless `lines` say otherwise; prices.txt lies beside the scripts."""
    sources = {name: source + TAIL for name, source in scripts.items()}
    httpd = Detached(["wsgi"], ["WSGISocketPrefix run/wsgi", *lines], scripts=sources)
    (httpd.script_dir / "prices.txt").write_text("12 EUR")
    return httpd


def in_group(name: str, options: str) -> list[str]:
    """The application in a daemon process group of its own name."""
    return [
        f"WSGIDaemonProcess {name} threads=1 {options}",
        f"<Location /{name}>",
        f"WSGIProcessGroup {name}",
        "</Location>",
    ]
