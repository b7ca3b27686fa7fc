"""Audit records that journald took in, in the form that auditd gives them.

journald gets them from the kernel's audit socket (`_TRANSPORT=audit`, systemd's journald-audit.c)
and, where no auditd runs, once more from the kernel's log (`_TRANSPORT=kernel`). Both fields are
journald's own: no program can write them.
"""

from collections import deque
from collections.abc import Iterator, Mapping

from hostprobe.parse.audit.events import identity_of

MOST_WAITING, MOST_TOLD = 1_024, 65_536

Fields = Mapping[bytes, bytes]


def audit_line(fields: Fields) -> bytes | None:
    """A record of the audit socket, whose head journald took apart; None for anything else."""
    kind, serial = fields.get(b"_AUDIT_TYPE", b""), fields.get(b"_AUDIT_ID", b"")
    time = fields.get(b"_SOURCE_REALTIME_TIMESTAMP", b"")
    if not (kind.isdigit() and serial.isdigit() and time.isdigit()):
        return None
    _name, _, text = fields.get(b"MESSAGE", b"").partition(b" ")
    moment = b"%s.%s" % (time[:-6] or b"0", time[-6:].rjust(6, b"0")[:3])
    return b"type=%s msg=audit(%s:%s): %s\n" % (kind, moment, serial, one_line(text))


def kernel_line(fields: Fields) -> bytes | None:
    """A record in a line of the kernel's log; None for any other line."""
    text = fields.get(b"MESSAGE", b"")
    return one_line(text) + b"\n" if identity_of(text) else None


def one_line(text: bytes) -> bytes:
    """What an end of line in a value must not end."""
    return text.replace(b"\n", b" ")


class Once:
    """Lines of the kernel's log wait until it is known that the audit socket does not tell them."""

    def __init__(self) -> None:
        self._told: dict[bytes, None] = {}
        self._waiting: deque[bytes] = deque()

    def lines(self, fields: Fields) -> Iterator[bytes]:
        """What an entry tells, and lines that have waited long enough."""
        transport = fields.get(b"_TRANSPORT")
        if transport == b"audit" and (line := audit_line(fields)):
            self._told[identity_of(line)] = None
            if len(self._told) > MOST_TOLD:
                del self._told[next(iter(self._told))]
            yield line
        elif transport == b"kernel" and (line := kernel_line(fields)):
            self._waiting.append(line)
        yield from self.release(MOST_WAITING)

    def release(self, most: int = 0) -> Iterator[bytes]:
        """Lines that wait beyond so many, unless the audit socket told of their event."""
        while len(self._waiting) > most:
            line = self._waiting.popleft()
            if identity_of(line) not in self._told:
                yield line
