"""Real Nagios 4, NRPE and NSCA of Debian on loopback, with the files of packaging/nagios."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.real.httpd import find_free_port
from tests.report.documents import document, hostile_document, silent_document

ROOT = Path(__file__).parent.parent.parent
PACKAGING = ROOT / "packaging/nagios"
USER = "nagios"
"""Of Debian's packages; neither NRPE nor Nagios would run as root."""

SCRIPT = """\
#!{python} -I
import sys

sys.path.insert(0, "{folder}")
from hostprobe.nagios import main

sys.exit(main())
"""
STATES = {"fine": 0, "medium": 1, "hostile": 2, "old": 3, "missing": 3, "incomplete": 3}
"""Report -> state that the plugin must give it."""

PATIENCE = 40
"""Seconds until Nagios must have seen a state; it takes about three."""


@contextmanager
def area() -> Iterator[Path]:
    """A folder that the monitoring user owns, with the plugin in it: `check_hostprobe`."""
    with tempfile.TemporaryDirectory(prefix="monitoring-") as name:
        folder = Path(name)
        shutil.copytree(ROOT / "hostprobe", folder / "hostprobe")
        script = folder / "check_hostprobe"
        python = os.path.realpath(sys.executable)
        script.write_text(SCRIPT.format(python=python, folder=folder))
        script.chmod(0o755)
        shutil.chown(folder, USER, USER)
        yield folder


def write_reports(folder: Path) -> dict[str, Path]:
    """A stored report per name in STATES, readable for the group; `missing` is not there."""
    fine, now = silent_document(), datetime.now(UTC)
    medium = document()["findings"][1] | {"severity": "medium", "title": "A medium thing"}
    found = {
        "fine": fine,
        "medium": fine | {"findings": [medium]},
        "hostile": hostile_document(),
        "old": fine,
        "incomplete": document() | {"findings": []},
    }
    for name, each in found.items():
        age = timedelta(days=2 if name == "old" else 0)
        started = (now - age).strftime("%Y-%m-%dT%H:%M:%SZ")
        path = folder / f"{name}.json"
        path.write_text(json.dumps(each | {"started": started}))
        shutil.chown(path, "root", USER)
        path.chmod(0o640)
    return {name: folder / f"{name}.json" for name in STATES}


def packaged(name: str, plugin: Path, options: str = "") -> str:
    """A file of packaging/nagios for a plugin that is not in /usr/bin."""
    text = (PACKAGING / name).read_text()
    assert "/usr/bin/check_hostprobe" in text
    return text.replace("/usr/bin/check_hostprobe", f"{plugin} {options}".strip())


@contextmanager
def running(command: Sequence[object]) -> Iterator[subprocess.Popen[bytes]]:
    """A server in the foreground, ended afterwards."""
    arguments = [str(argument) for argument in command]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.communicate(timeout=15)
            except subprocess.TimeoutExpired:
                process.kill()


def wait_for_port(port: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        else:
            return


@contextmanager
def nrpe(folder: Path, commands: Mapping[str, str]) -> Iterator[int]:
    """NRPE with the packaged command once per name, each with its own report; its port."""
    port = find_free_port()
    lines = [
        packaged("nrpe.cfg", folder / "check_hostprobe", f"--report {report}").replace(
            "[check_hostprobe]", f"[{name}]"
        )
        for name, report in commands.items()
    ]
    config = folder / "nrpe.cfg"
    config.write_text(
        f"server_port={port}\nserver_address=127.0.0.1\nallowed_hosts=127.0.0.1\n"
        f"nrpe_user={USER}\nnrpe_group={USER}\npid_file={folder}/nrpe.pid\ncommand_timeout=60\n"
        + "\n".join(lines)
    )
    with running(["/usr/sbin/nrpe", "-c", config, "-f"]):
        wait_for_port(port)
        yield port


def check_nrpe(port: int, command: str) -> subprocess.CompletedProcess[str]:
    """What the monitoring server's side gets."""
    client = [
        "/usr/lib/nagios/plugins/check_nrpe",
        "-H",
        "127.0.0.1",
        "-p",
        str(port),
        "-t",
        "55:3",
    ]
    return subprocess.run(
        [*client, "-c", command], capture_output=True, text=True, timeout=60, check=False
    )


def services_of(path: Path) -> list[dict[str, str]]:
    """The services in a status.dat, which Icinga writes too."""
    text = path.read_text() if path.exists() else ""
    blocks = re.findall(r"^servicestatus \{\n(.*?)^\t\}", text, re.MULTILINE | re.DOTALL)
    return [dict(re.findall(r"^\t(\w+)=(.*)$", block, re.MULTILINE)) for block in blocks]


@dataclass(frozen=True)
class Nagios:
    """One Nagios with everything it writes in one folder."""

    folder: Path

    @property
    def config(self) -> Path:
        return self.folder / "nagios.cfg"

    @property
    def command_file(self) -> Path:
        return self.folder / "nagios.cmd"

    def write(self, objects: str) -> None:
        """Its configuration: the packaged commands and templates, then these objects."""
        results = self.folder / "checkresults"
        results.mkdir()
        shutil.chown(results, USER, USER)
        commands = packaged("nagios.cfg", self.folder / "check_hostprobe")
        (self.folder / "objects.cfg").write_text(OBJECTS + commands + objects)
        paths = {
            "log_file": "nagios.log",
            "cfg_file": "objects.cfg",
            "object_cache_file": "objects.cache",
            "status_file": "status.dat",
            "check_result_path": "checkresults",
            "command_file": "nagios.cmd",
            "lock_file": "nagios.pid",
            "temp_file": "nagios.tmp",
            "temp_path": "",
        }
        lines = [f"{key}={self.folder / name}" for key, name in paths.items()]
        self.config.write_text("\n".join([*lines, SETTINGS.format(folder=self.folder)]))

    def verify(self) -> subprocess.CompletedProcess[str]:
        """nagios4 -v."""
        command = ["/usr/sbin/nagios4", "-v", str(self.config)]
        return subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)

    @contextmanager
    def running(self) -> Iterator[None]:
        with running(["/usr/sbin/nagios4", self.config]):
            yield

    def services(self) -> dict[str, dict[str, str]]:
        """Each service of status.dat, by its description."""
        tables = services_of(self.folder / "status.dat")
        return {table["service_description"]: table for table in tables}

    def judged(self, names: Sequence[str]) -> dict[str, dict[str, str]]:
        """The services once all of these have been checked."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            found = self.services()
            if all(found.get(name, {}).get("has_been_checked") == "1" for name in names):
                return found
            time.sleep(0.2)
        raise AssertionError((self.folder / "nagios.log").read_text()[-3000:])


SETTINGS = """
nagios_user=nagios
nagios_group=nagios
check_external_commands=1
interval_length=1
status_update_interval=1
check_result_reaper_frequency=1
check_for_updates=0
query_socket={folder}/nagios.qh
use_syslog=0
service_inter_check_delay_method=n
max_service_check_spread=1
execute_service_checks=1
service_freshness_check_interval=2
additional_freshness_latency=0
accept_passive_service_checks=1
illegal_macro_output_chars=`~$&|'"<>
"""
OBJECTS = """
define timeperiod {
    timeperiod_name 24x7
    alias all
    sunday 00:00-24:00
    monday 00:00-24:00
    tuesday 00:00-24:00
    wednesday 00:00-24:00
    thursday 00:00-24:00
    friday 00:00-24:00
    saturday 00:00-24:00
}
define command {
    command_name alive
    command_line /usr/lib/nagios/plugins/check_dummy 0
}
define contact {
    contact_name nobody
    host_notifications_enabled 0
    service_notifications_enabled 0
    host_notification_period 24x7
    service_notification_period 24x7
    host_notification_commands alive
    service_notification_commands alive
}
define host {
    host_name web1
    address 127.0.0.1
    check_command alive
    max_check_attempts 1
    check_period 24x7
    notification_period 24x7
    contacts nobody
}
"""
