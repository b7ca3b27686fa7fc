"""Hosts of a small network of their own: booted systems with sshd, and one that controls them."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.real.build import run
from tests.real.systemd import BootedSystem

CONTROL = 1
"""Last number of the address from which the others are reached."""


@dataclass
class Network:
    """Network namespaces at one bridge, which stands in the one of the control host."""

    name: str = field(default_factory=lambda: f"hp{os.getpid()}")

    def namespace(self, number: int) -> str:
        return f"{self.name}-{number}"

    def address(self, number: int) -> str:
        return f"10.213.7.{number}"

    def add(self, number: int) -> None:
        """A namespace with an interface at the bridge."""
        own, control = self.namespace(number), self.namespace(CONTROL)
        run("ip", "netns", "add", own)
        if number == CONTROL:
            run("ip", "-n", own, "link", "add", "bridge", "type", "bridge")
        else:
            peer = ("peer", "name", "host0", "netns", own)
            run("ip", "-n", control, "link", "add", f"port{number}", "type", "veth", *peer)
            run("ip", "-n", control, "link", "set", f"port{number}", "master", "bridge", "up")
        interface = "bridge" if number == CONTROL else "host0"
        run("ip", "-n", own, "address", "add", f"{self.address(number)}/24", "dev", interface)
        run("ip", "-n", own, "link", "set", interface, "up")

    def control(self, *command: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
        """A command that ended on the control host."""
        return subprocess.run(
            ["ip", "netns", "exec", self.namespace(CONTROL), *command],
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
            env=environment | {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
        )


@contextmanager
def network(numbers: Sequence[int]) -> Iterator[Network]:
    """The control host and those of these numbers, without any process in them yet."""
    made = Network()
    with ExitStack() as stack:
        for number in (CONTROL, *numbers):
            stack.callback(subprocess.run, ["ip", "netns", "del", made.namespace(number)])
            made.add(number)
        yield made


@contextmanager
def host(made: Network, number: int, root: Path, key: Path) -> Iterator[BootedSystem]:
    """A system booted there, whose sshd lets root in with this public key."""
    options = (f"--network-namespace-path=/run/netns/{made.namespace(number)}",)
    with BootedSystem(root, options) as system:
        system.write("/root/.ssh/authorized_keys", key.read_text())
        system.path("/root/.ssh").chmod(0o700)
        system.run("systemctl", "start", "ssh")
        yield system
