"""A real agent for a small root, and a socket in the place of systemd's."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

SECONDS = 60.0
"""How long a test waits on a busy machine for what takes one."""


class RunningAgent:
    """`with RunningAgent(directory, interval=3600) as agent: agent.until("STATUS=Last scan")`."""

    def __init__(self, directory: Path, *before: str, **settings: float) -> None:
        """`before` are the words of a command that runs another."""
        self.root, self.state = directory / "root", directory / "state"
        self.settings, self.output = directory / "hostprobe.toml", directory / "output"
        self.address = directory / "notify"
        (self.root / "etc").mkdir(parents=True)
        (self.root / "etc/hostname").write_text("small\n")
        self.before = before
        self.configure(**settings)

    def configure(self, **settings: float) -> None:
        """Write the settings; keys of [agent]."""
        lines = "".join(f"{key} = {value}\n" for key, value in settings.items())
        self.settings.write_text(f"[agent]\n{lines}")

    @property
    def command(self):
        options = {"--root": self.root, "--state": self.state, "--settings": self.settings}
        words = [str(word) for pair in options.items() for word in pair]
        return [*self.before, sys.executable, "-m", "hostprobe", "agent", *words]

    def __enter__(self):
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.listener.bind(str(self.address))
        self.start()
        return self

    def start(self) -> None:
        """Once more, if it is over."""
        self.messages = []
        environment = os.environ | {"NOTIFY_SOCKET": str(self.address), "WATCHDOG_USEC": "400000"}
        with self.output.open("ab") as output:
            self.process = subprocess.Popen(
                self.command, stdout=output, stderr=output, env=environment
            )

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.listener.close()

    def until(self, wanted: str) -> str:
        """The next message that begins so; all messages are kept."""
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            self.listener.settimeout(deadline - time.monotonic())
            self.messages.append(self.listener.recv(4096).decode())
            if self.messages[-1].startswith(wanted):
                return self.messages[-1]
        raise AssertionError(self.messages)

    def send(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def change(self) -> None:
        """Something that a scan reads."""
        (self.root / "etc/passwd").write_text("root:x:0:0::/:/bin/sh\n")

    def stop(self) -> int:
        """Its exit status."""
        self.send(signal.SIGTERM)
        return self.process.wait(SECONDS)

    def counters(self):
        """agent.json."""
        return json.loads((self.state / "agent.json").read_text())

    @property
    def said(self) -> str:
        """Lines on stderr."""
        return self.output.read_text()

    def resident(self) -> int:
        """Kilobytes of memory."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.partition("VmRSS:")[2].split()[0])

    def descriptors(self) -> int:
        """How many are open."""
        return len(list(Path(f"/proc/{self.process.pid}/fd").iterdir()))

    def processor_time(self) -> float:
        """Seconds of its own, without those of its scans."""
        line = Path(f"/proc/{self.process.pid}/schedstat").read_text()
        return int(line.split()[0]) / 1e9
