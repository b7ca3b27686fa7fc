"""What `journalctl -o export` writes (systemd's JOURNAL_EXPORT_FORMATS), while it streams by.

`NAME=value` and an end of line; a value with ends of lines is `NAME`, an end of line, its size in
64 bits, itself, an end of line. An empty line ends an entry.
"""

from collections.abc import Iterable, Iterator

from hostprobe.parse.error import ParseError
from hostprobe.parse.journal.records import Once

BEGIN = b"__CURSOR="
"""journalctl's first field of each entry."""

WANTED = frozenset(
    {b"MESSAGE", b"_TRANSPORT", b"_AUDIT_TYPE", b"_AUDIT_ID", b"_SOURCE_REALTIME_TIMESTAMP"}
)
MAX_LINE = 1 << 20
"""Bytes of a value on one line; journald's own limit for such a line is 48 KB."""


class Export:
    """Bytes in any portions to the lines of audit records in them; memory is bounded."""

    def __init__(self) -> None:
        self._rest = b""
        self._skip = 0
        """Bytes of a long value that are still to come and that nobody wants."""

        self._fields: dict[bytes, bytes] = {}
        self._once = Once()

    def lines(self, portions: Iterable[bytes]) -> Iterator[bytes]:
        """ParseError where it is not of this format, or too long to be."""
        for data in portions:
            yield from self._feed(data)
        if self._rest or self._skip or self._fields:
            yield from self._entry()
            yield from self._once.release()
            raise ParseError("the export breaks off within an entry")
        yield from self._once.release()

    def _feed(self, data: bytes) -> Iterator[bytes]:
        skipped = min(self._skip, len(data))
        self._skip -= skipped
        self._rest += data[skipped:]
        place = 0
        while (end := self._rest.find(b"\n", place)) >= 0:
            following = self._field(place, end)
            if following < 0:
                break
            if end == place:
                yield from self._entry()
            place = following
        self._skip = max(0, place - len(self._rest))
        self._rest = self._rest[place:]
        if len(self._rest) > MAX_LINE:
            raise ParseError(f"more than {MAX_LINE} bytes in one line of the export")

    def _field(self, place: int, end: int) -> int:
        """Take in the field that begins at a place; the place behind it, -1: more bytes needed."""
        line = self._rest[place:end]
        name, is_text, value = line.partition(b"=")
        if is_text or not line:
            if name in WANTED:
                self._fields[name] = value
            return end + 1
        begin = end + 9
        if len(self._rest) < begin:
            return -1
        size = int.from_bytes(self._rest[end + 1 : begin], "little")
        if name not in WANTED or size > MAX_LINE // 2:
            return begin + size + 1
        if len(self._rest) < begin + size + 1:
            return -1
        self._fields[name] = self._rest[begin : begin + size]
        return begin + size + 1

    def _entry(self) -> Iterator[bytes]:
        fields, self._fields = self._fields, {}
        yield from self._once.lines(fields)
