"""A file of journald, read in blocks: a mapped file that shrinks would kill its reader."""

import os
from contextlib import closing
from dataclasses import replace
from time import monotonic

from hostprobe.collect.root import Root
from hostprobe.collect.zstd import Zstd
from hostprobe.facts.denial import DenialLog
from hostprobe.facts.files import Missing
from hostprobe.parse.audit.denials import Denials
from hostprobe.parse.journal.denials import JournalDenials
from hostprobe.parse.journal.file import MACHINE_ID, JournalError, JournalFile

MACHINE = "/etc/machine-id"
BLOCK = 16 << 10
MOST_BLOCKS = 512
"""Kept in memory: 8 MB."""

SECONDS = 5.0
"""For one file; a hostile one leads from object to object for ever."""


class Blocks:
    """Bytes of a file by offset; entries and their data lie close together."""

    def __init__(self, descriptor: int, size: int) -> None:
        self._descriptor = descriptor
        self._size = size
        self._deadline = monotonic() + SECONDS
        self._blocks: dict[int, bytes] = {}

    def read(self, offset: int, size: int) -> bytes:
        """As many of these bytes as the file has; JournalError when the time is over."""
        if monotonic() > self._deadline:
            raise JournalError(f"reading it takes more than {SECONDS:g} s")
        if offset >= self._size:
            return b""
        place, within = divmod(offset, BLOCK)
        if within + size <= BLOCK:
            return self._block(place)[within : within + size]
        if size > BLOCK:
            return os.pread(self._descriptor, min(size, self._size - offset), offset)
        first = self._block(place)[within:]
        return first + self._block(place + 1)[: size - len(first)]

    def _block(self, number: int) -> bytes:
        block = self._blocks.get(number)
        if block is None:
            if len(self._blocks) >= MOST_BLOCKS:
                del self._blocks[next(iter(self._blocks))]
            block = self._blocks[number] = os.pread(self._descriptor, BLOCK, number * BLOCK)
        return block


def is_foreign(root: Root, head: bytes) -> bool:
    """The file is of another machine; a root without an identity has been all of them."""
    real = root.resolve(MACHINE)
    if isinstance(real, Missing):
        return False
    try:
        with root.open(real) as (descriptor, _):
            own = os.read(descriptor, 33).strip()
        return len(own) == 32 and bytes.fromhex(own.decode("ascii")) != head[MACHINE_ID]
    except (OSError, ValueError):
        return False


def journal_denials(descriptor: int, size: int, after: int) -> tuple[DenialLog, int]:
    """What entries behind `after` tell, and the offset of the last entry."""
    with closing(Zstd()) as zstd:
        try:
            journal = JournalFile(Blocks(descriptor, size).read, zstd.unpacked)
        except JournalError as error:
            return DenialLog((), (), problems=(str(error),)), after
        found = JournalDenials(journal, after)
        denials = Denials()
        for line in found.lines():
            denials.feed(line)
    log = denials.finish()
    return replace(log, problems=(*log.problems, *found.problems)), found.newest
