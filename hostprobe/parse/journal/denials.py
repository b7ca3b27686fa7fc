"""The denials in a file of journald, found by its indexes."""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator

from hostprobe.parse.audit.denials import MAX_GROUPS, signature_of
from hostprobe.parse.audit.events import identity_of
from hostprobe.parse.journal.file import Data, JournalError, JournalFile
from hostprobe.parse.journal.records import Fields, Once, audit_line

DENIALS = (b"1400", b"1107", b"1501", b"1502", b"1503")
"""AVC, USER_AVC, and AppArmor's numbers before Linux 2.6.36 (linux/audit.h)."""

COMPANIONS = frozenset({b"1300", b"1302", b"1307"})
"""SYSCALL, PATH, CWD."""

NOTICE = b"PRIORITY=5"
"""At which the kernel prints records (kernel/audit.c, kauditd_printk_skb)."""

MOST_ENTRIES = 500_000
"""Of one index, the newest."""


class JournalDenials:
    """Lines as auditd writes them, of all entries behind `after` that tell of denials."""

    def __init__(self, journal: JournalFile, after: int = 0) -> None:
        self.newest = after
        """Offset of the last entry that was read."""

        self.problems: list[str] = []
        """What could not be read, a phrase for each."""

        self._journal = journal
        self._after = after
        self._once = Once()
        self._seen: set[bytes] = set()
        self._failed = 0
        self._reason = "lists of entries are cut off"

    def lines(self) -> Iterator[bytes]:
        """The records of the audit socket, then what only the kernel's log has."""
        for entry in self._entries(*(b"_AUDIT_TYPE=" + kind for kind in DENIALS)):
            yield from self._audited(entry)
        for entry in self._printed():
            yield from self._once.lines(self._fields(entry))
        yield from self._once.release()
        if self._failed or self._journal.damaged:
            self.problems.append(self._failure())

    def _failure(self) -> str:
        count = self._failed + self._journal.damaged
        return f"{count} {'part' if count == 1 else 'parts'} of it cannot be read: {self._reason}"

    def _note(self, error: JournalError) -> None:
        """The first reason stands for all."""
        self._reason = self._reason if self._failed else str(error)
        self._failed += 1

    def _audited(self, entry: int) -> Iterator[bytes]:
        """The record; with the first of its kind those of the same event."""
        fields = self._fields(entry)
        for line in self._once.lines(fields):
            yield line
            signature = signature_of(line)
            if signature not in self._seen and len(self._seen) < MAX_GROUPS:
                self._seen.add(signature)
                yield from self._companions(fields, identity_of(line))

    def _companions(self, fields: Fields, identity: bytes) -> Iterator[bytes]:
        """A serial number may come again after a start of the host: the time tells."""
        for entry in self._entries(b"_AUDIT_ID=" + fields[b"_AUDIT_ID"]):
            others = self._fields(entry)
            line = audit_line(others)
            if others.get(b"_AUDIT_TYPE") in COMPANIONS and line and identity_of(line) == identity:
                yield line

    def _printed(self) -> Iterator[int]:
        """Entries of the kernel at that priority: those in both indexes."""
        notices = self._index(NOTICE)
        for entry in self._entries(b"_TRANSPORT=kernel"):
            place = bisect_left(notices, entry)
            if place < len(notices) and notices[place] == entry:
                yield entry

    def _entries(self, *texts: bytes) -> Iterator[int]:
        """New entries with this data, the newest first: where the time ends the oldest are lost."""
        for text in texts:
            index = self._index(text)
            for entry in reversed(index[bisect_right(index, self._after) :]):
                self.newest = max(self.newest, entry)
                yield entry

    def _index(self, text: bytes) -> "array[int]":
        try:
            data = self._journal.find(text)
            return self._newest(text, data) if data else array("Q")
        except JournalError as error:
            self._note(error)
            return array("Q")

    def _newest(self, text: bytes, data: Data) -> "array[int]":
        index = self._journal.entries(data, MOST_ENTRIES)
        if data.total > MOST_ENTRIES:
            self.problems.append(
                f"only the newest {MOST_ENTRIES} of {data.total} entries with "
                f"{text.decode()} were looked at"
            )
        return index

    def _fields(self, entry: int) -> Fields:
        try:
            return self._journal.fields(entry)
        except JournalError as error:
            self._note(error)
            return {}
