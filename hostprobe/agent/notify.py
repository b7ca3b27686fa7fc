"""What systemd is told of the agent: sd_notify(3) without its library."""

import os
import socket
import time
from collections.abc import Mapping
from contextlib import suppress

from hostprobe.report.escape import escape


class Supervisor:
    """systemd's side of `Type=notify`; outside of systemd nothing is said to anyone."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        address = environment.get("NOTIFY_SOCKET", "")
        self._address = f"\0{address[1:]}" if address.startswith("@") else address
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.setblocking(False)  # noqa: FBT003  socket's own signature
        self.period = watchdog_period(environment) if address else None
        """Seconds between two pings; None where nobody waits for them."""

    def close(self) -> None:
        """The supervisor itself stays where it is."""
        self._socket.close()

    def ready(self) -> None:
        """Started, or settings read again."""
        self._tell("READY=1")

    def reloading(self) -> None:
        """Settings are being read; `ready` ends it."""
        self._tell(f"RELOADING=1\nMONOTONIC_USEC={time.monotonic_ns() // 1000}")

    def stopping(self) -> None:
        """The end was asked for."""
        self._tell("STOPPING=1")

    def ping(self) -> None:
        """The main loop goes round."""
        self._tell("WATCHDOG=1")

    def status(self, text: str) -> None:
        """The line that `systemctl status` shows."""
        self._tell(f"STATUS={escape(text)}")

    def _tell(self, message: str) -> None:
        # A supervisor that does not listen is no reason to stop or to wait.
        if self._address:
            with suppress(OSError):
                self._socket.sendto(message.encode(), self._address)


def watchdog_period(environment: Mapping[str, str]) -> float | None:
    """Half of the time that systemd waits (sd_watchdog_enabled(3)), in seconds."""
    time_out = environment.get("WATCHDOG_USEC", "")
    if not time_out.isdecimal() or int(time_out) == 0:
        return None
    if environment.get("WATCHDOG_PID", str(os.getpid())) != str(os.getpid()):
        return None
    return int(time_out) / 2_000_000
