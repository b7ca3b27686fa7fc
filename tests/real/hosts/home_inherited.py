"""An httpd that was started with root's HOME, and applications that ask for their home."""

from __future__ import annotations

from collections.abc import Mapping

from tests.real.httpd import Httpd
from tests.real.wsgi import TAIL

READS = """
def answer():
    return os.listdir(os.path.expanduser("~"))
"""
TELLS = """
def answer():
    return os.environ.get("HOME")
"""
MENDS = 'import pwd\n\nos.environ["HOME"] = pwd.getpwuid(os.getuid()).pw_dir\n'
SCRIPTS = {"shop": READS, "cured": MENDS + READS + TELLS, "daemon": READS + TELLS, "tells": TELLS}
"""Of two functions `answer` the second one counts."""

DENIED = "PermissionError: [Errno 13] Permission denied: '/root'"
LINES = [
    "WSGISocketPrefix run/wsgi",
    "WSGIDaemonProcess daemon threads=1 home=/",
    *("<Location /daemon>", "WSGIProcessGroup daemon", "</Location>"),
]


class QuietHttpd(Httpd):
    """envvars beside the configuration do not tell of its environment."""

    def write_environment(self) -> None:
        (self.root / "envvars").write_text("unset HOME\n")


def host(environment: Mapping[str, str], kind: type[Httpd] = Httpd) -> Httpd:
    scripts = {name: f"import os\n{source}{TAIL}" for name, source in SCRIPTS.items()}
    return kind(["wsgi"], LINES, scripts=scripts, environment=environment, single=False)
