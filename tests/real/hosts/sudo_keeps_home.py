"""An httpd that a user starts with sudo, whose application asks for its home directory."""

from __future__ import annotations

import json
import os
import sys

from tests.real.build import run
from tests.real.httpd import BINARY, Httpd
from tests.real.scan import Finding
from tests.real.sudo import CALLER, by_sudo, with_sudoers, written
from tests.real.wsgi import TAIL

TELLS = """import os

def answer():
    return os.environ.get("HOME")
"""
LISTS = """import os

def answer():
    return os.listdir(os.path.expanduser("~"))
"""
DENIED = "PermissionError: [Errno 13] Permission denied: "
RULE = f"{CALLER} ALL=(root) NOPASSWD: {BINARY}\n"
KEEP = 'Defaults env_keep += "HOME"\n'
RESET = "Defaults env_reset, !always_set_home\n"
ALWAYS = "Defaults always_set_home\n"


class SudoHttpd(Httpd):
    """Started by CALLER, whose HOME is closed to everybody else."""

    def __init__(self, defaults: str, *options: str) -> None:
        super().__init__(
            ["wsgi"], scripts={"shop": TELLS + TAIL, "list": LISTS + TAIL}, single=False
        )
        self.sudoers = written(self.root / "sudoers", defaults + RULE)
        self.options = options
        self.home = self.root / "home"
        self.home.mkdir(mode=0o700)
        os.chown(self.home, 1, 1)
        self.callers = {"HOME": str(self.home)}

    @property
    def command(self) -> list[str]:
        return by_sudo(self.sudoers, *self.options, *super().command)

    def start(self) -> None:
        """envvars beside the configuration say nothing of HOME; the caller's environment does."""
        self.environment |= self.callers
        super().start()

    def write_environment(self) -> None:
        (self.root / "envvars").write_text("export LANG=C\n")


def findings(httpd: SudoHttpd, check: str) -> list[Finding]:
    """What hostprobe finds where /etc/sudoers is that of this httpd."""
    hostprobe = [sys.executable, "-m", "hostprobe", "scan", "--config", str(httpd.config)]
    options = ["--select", check, "--format", "json", "--fail-on", "critical"]
    report = json.loads(
        run(
            "sh",
            "-c",
            '"$@" || [ $? = 3 ]',
            "sh",
            *with_sudoers(httpd.sudoers, [*hostprobe, *options]),
        )
    )
    assert report["checks"][0]["outcome"] in ("clean", "found")
    found: list[Finding] = report["findings"]
    return found
