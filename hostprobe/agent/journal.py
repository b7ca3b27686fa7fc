"""Entries with fields of their own in the systemd journal, in its native protocol.

https://systemd.io/JOURNAL_NATIVE_PROTOCOL/
"""

import errno
import fcntl
import os
import socket
from collections.abc import Mapping
from contextlib import suppress
from enum import Enum, IntEnum

from hostprobe.report.escape import escape

SOCKET = "/run/systemd/journal/socket"
SECONDS = 2.0
"""How long a journal may keep the agent waiting."""

TOO_LARGE = (errno.EMSGSIZE, errno.ENOBUFS)
SEALS = fcntl.F_SEAL_SEAL | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE


class Kind(Enum):
    """What an entry is about; the value is its MESSAGE_ID, the same for ever."""

    FINDING_APPEARED = "92d4282c08274cdd9cb4130b6cdbcbf9"
    FINDING_GONE = "041641222ec747ff88d0cc7beeca4926"
    SCAN_FAILED = "fd0c0fb690aa4a1baa62cb27d8bced2e"
    SETTINGS_READ = "645ed4b1a1c74f0a9f62be1eaf0fdc74"
    SETTINGS_REFUSED = "a817ef7aac814ca2bf74eb2612bc1e61"
    WATCH_LIMITED = "f6f8d367f0034693a9ec5cf93bbd0a2d"


class Priority(IntEnum):
    """syslog(3)'s."""

    CRITICAL = 2
    ERROR = 3
    WARNING = 4
    NOTICE = 5
    INFO = 6


class Journal:
    """Where the agent tells what happened: the journal, or lines on stderr without one."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._socket = connected() if is_journal(environment.get("JOURNAL_STREAM", "")) else None
        self._lines = os.dup(2)  # the stderr of a scan's process is not the agent's

    def close(self) -> None:
        """Nothing can be told after this."""
        if self._socket is not None:
            self._socket.close()
        os.close(self._lines)

    def tell(
        self, kind: Kind, priority: Priority, message: str, fields: Mapping[str, str] | None = None
    ) -> None:
        """One entry; a journal that does not take it leaves the line on stderr."""
        head = {
            "MESSAGE": escape(message),
            "MESSAGE_ID": kind.value,
            "PRIORITY": str(priority.value),
            "SYSLOG_IDENTIFIER": "hostprobe",
        }
        try:
            send(self._socket, entry(head | {k: v for k, v in (fields or {}).items() if v}))
        except OSError:
            with suppress(OSError):
                os.write(self._lines, f"hostprobe: {head['MESSAGE']}\n".encode(errors="replace"))


def is_journal(stream: str) -> bool:
    """Whether stderr still is the stream that systemd has given (JOURNAL_STREAM, systemd.exec(5)).

    Who starts the agent in a terminal wants its lines there.
    """
    try:
        status = os.fstat(2)
    except OSError:
        return False
    return stream == f"{status.st_dev}:{status.st_ino}"


def connected() -> socket.socket | None:
    """The journal's socket; None when nobody listens there."""
    journal = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    journal.settimeout(SECONDS)
    try:
        journal.connect(SOCKET)
    except OSError:
        journal.close()
        return None
    return journal


def entry(fields: Mapping[str, str]) -> bytes:
    """Fields as the journal reads them; a value of several lines is preceded by its length."""
    return b"".join(field(name, value.encode(errors="replace")) for name, value in fields.items())


def field(name: str, value: bytes) -> bytes:
    """One field, its line break included."""
    if b"\n" not in value:
        return name.encode() + b"=" + value + b"\n"
    return name.encode() + b"\n" + len(value).to_bytes(8, "little") + value + b"\n"


def send(journal: socket.socket | None, data: bytes) -> None:
    """A datagram, or where it is too large a sealed file that is handed over; OSError."""
    if journal is None:
        raise ConnectionError("no journal")
    try:
        journal.send(data)
    except OSError as error:
        if error.errno not in TOO_LARGE:
            raise
        send_file(journal, data)


def send_file(journal: socket.socket, data: bytes) -> None:
    """An anonymous file, which the journal takes only if nobody can change it any more."""
    descriptor = os.memfd_create("hostprobe-entry", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    try:
        with open(descriptor, "wb", closefd=False) as stream:
            stream.write(data)
        fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, SEALS)
        socket.send_fds(journal, [b""], [descriptor])
    finally:
        os.close(descriptor)
