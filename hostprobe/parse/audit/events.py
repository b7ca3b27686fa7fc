"""Records of one audit event, put together while a log streams by.

A record's line holds `audit(SECONDS.MILLISECONDS:SERIAL): `; records of one event have it in common
and may lie between those of others (auditd(8), auparse's interpretation of it). The kernel writes
the record of a denial before the others of its event (kernel/auditsc.c, audit_log_exit).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

BLOCK = 1 << 20
"""Bytes that are looked at together; no record is longer (MAX_AUDIT_MESSAGE_LENGTH is 8970)."""

MARKS = (b"avc: ", b'apparmor="')
"""What the records of SELinux and AppArmor contain, and hardly anything else."""


@dataclass(frozen=True, slots=True)
class Event:
    """The lines of one event in the order of the log."""

    identity: bytes
    """SECONDS.MILLISECONDS:SERIAL."""

    lines: tuple[bytes, ...]


class EventReader:
    """Bytes in any portions to events; memory is that of two blocks, whatever the log's size.

    `wants` is asked for each line with a mark whether its event is needed. An event ends with the
    block behind the one that it began in.
    """

    def __init__(self, wants: Callable[[bytes], bool]) -> None:
        self.offset = 0
        """Bytes up to the end of the last complete line seen."""

        self.overlong = 0
        """Lines longer than a block, which were passed over."""

        self._wants = wants
        self._pieces: list[bytes] = []
        self._size = 0
        self._is_overlong = False
        self._old: dict[bytes, list[bytes]] = {}
        self._new: dict[bytes, list[bytes]] = {}

    def feed(self, data: bytes) -> Iterator[Event]:
        """The events that these bytes complete."""
        self._pieces.append(data)
        self._size += len(data)
        if self._size >= BLOCK:
            yield from self._look(b"".join(self._pieces))

    def finish(self) -> Iterator[Event]:
        """The rest; a last line without its end counts, but not for `offset`."""
        rest = b"".join(self._pieces)
        yield from self._look(rest)
        if tail := b"".join(self._pieces):
            yield from self._lines(tail)
        yield from ended(self._old)
        yield from ended(self._new)
        self._old, self._new = {}, {}

    def _look(self, data: bytes) -> Iterator[Event]:
        if self._is_overlong:
            skipped = data.find(b"\n") + 1
            self._is_overlong = not skipped
            self.offset += skipped or len(data)
            data = data[skipped:] if skipped else b""
        end = data.rfind(b"\n") + 1
        self.offset += end
        self._keep(data[end:])
        if end:
            yield from self._lines(data[:end])
        if self._size >= BLOCK:
            self.overlong += 1
            self._is_overlong = True
            self.offset += self._size
            self._keep(b"")

    def _keep(self, rest: bytes) -> None:
        self._pieces, self._size = [rest] if rest else [], len(rest)

    def _lines(self, block: bytes) -> Iterator[Event]:
        for line in marked(block):
            identity = identity_of(line)
            if identity and self._wants(line):
                self._new.setdefault(identity, [])
        if self._new or self._old:
            self._collect(block)
        yield from ended(self._old)
        self._old, self._new = self._new, {}

    def _collect(self, block: bytes) -> None:
        """Most lines are of other events: nothing of them is kept."""
        old, new = self._old, self._new
        for line in block.split(b"\n"):
            identity = line.partition(b"):")[0].rpartition(b"(")[2]  # inlined: for every line
            if identity in old:
                old[identity].append(line)
                new.pop(identity, None)
            elif identity in new:
                new[identity].append(line)


def marked(block: bytes) -> Iterator[bytes]:
    """Lines with a mark."""
    for mark in MARKS:
        place = block.find(mark)
        while place >= 0:
            begin = block.rfind(b"\n", 0, place) + 1
            end = block.find(b"\n", place)
            yield block[begin : end if end >= 0 else len(block)]
            place = block.find(mark, end) if end >= 0 else -1


def identity_of(line: bytes) -> bytes:
    """What the records of one event have in common; empty for no record."""
    head, end, _ = line.partition(b"):")
    _, begin, identity = head.rpartition(b"audit(")
    return identity if begin and end else b""


def ended(events: dict[bytes, list[bytes]]) -> Iterator[Event]:
    """As values."""
    yield from (Event(identity, tuple(lines)) for identity, lines in events.items())
