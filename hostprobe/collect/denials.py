"""Logs as streams: denials are counted while the bytes go by, whatever the log's size."""

import bz2
import gzip
import io
import lzma
import os
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import replace
from itertools import chain
from typing import BinaryIO

from hostprobe.collect.journal import is_foreign, journal_denials
from hostprobe.collect.root import Root, missing
from hostprobe.collect.zstd import MAGIC as ZSTD
from hostprobe.collect.zstd import Zstd
from hostprobe.facts.denial import Checkpoint, DenialLog
from hostprobe.facts.files import Missing
from hostprobe.parse.audit.denials import Denials
from hostprobe.parse.error import ParseError
from hostprobe.parse.journal.export import BEGIN as EXPORT
from hostprobe.parse.journal.export import Export
from hostprobe.parse.journal.file import FILE_ID, SIGNATURE

PORTION = 1 << 20
HEAD = 64
"""Bytes by which a file is known again."""

MAX_LOG = 8 << 30
"""Bytes of one log, unpacked; a compressed log may hold a thousand times its size."""

XZ_MEMORY = 128 << 20


def collect_denials(root: Root, path: str, since: Checkpoint | None = None) -> DenialLog | Missing:
    """What one log tells, from the checkpoint on if it is still the file of the checkpoint.

    Text with a record a line or what journalctl exported, also compressed; a file of journald.
    """
    real = root.resolve(path)
    if isinstance(real, Missing):
        return real
    try:
        with root.open(real) as (descriptor, status):
            head = os.pread(descriptor, HEAD, 0)
            unpack = next((found for magic, found in PACKED if head.startswith(magic)), None)
            if unpack is not None:
                return counted(lambda: unpack(descriptor))[0]
            is_journal = head.startswith(SIGNATURE)
            if is_journal and is_foreign(root, head):
                return Missing(f"{path}: the journal of another machine", not_found=True)
            mark = head[FILE_ID] if is_journal else head
            begin = since.offset if since and is_same(since, status, mark) else 0
            count = journal_denials if is_journal else text_denials
            log, end = count(descriptor, status.st_size, begin)
    except OSError as error:
        return missing(path, error)
    if head.startswith(EXPORT):
        return log
    return replace(log, checkpoint=Checkpoint(status.st_dev, status.st_ino, end, mark))


def text_denials(descriptor: int, _size: int, begin: int) -> tuple[DenialLog, int]:
    """What a text tells from an offset on, and where its last complete line ends."""
    os.lseek(descriptor, begin, os.SEEK_SET)
    log, size = counted(lambda: portions(descriptor))
    return log, begin + size


def collect_denials_since(
    root: Root, paths: Iterable[str], since: Checkpoint
) -> tuple[DenialLog | Missing, ...]:
    """What was written after a checkpoint to a log, which may have been rotated since.

    `paths`: the log and its rotations, newest first. The first answer holds the next checkpoint.
    """
    found = []
    for path in paths:
        stat = root.stat(path)
        found.append(collect_denials(root, path, since))
        if not isinstance(stat, Missing) and stat.inode == since.inode:
            break
    return tuple(found)


def is_same(since: Checkpoint, status: os.stat_result, head: bytes) -> bool:
    """The file of the checkpoint, not truncated and not another one under its number."""
    identity = (status.st_dev, status.st_ino) == (since.device, since.inode)
    return identity and status.st_size >= since.offset and head.startswith(since.head)


def counted(open_stream: Callable[[], Iterator[bytes]]) -> tuple[DenialLog, int]:
    """All denials of a stream, of one that breaks off those before; bytes of complete lines."""
    denials = Denials()
    problem = None
    try:
        for data in recorded(bounded(open_stream())):
            denials.feed(data)
    except (EOFError, OSError, zlib.error, lzma.LZMAError) as error:
        problem = f"cannot be read to its end: {error}"
    except ParseError as error:
        problem = str(error)
    log = denials.finish()
    problems = (*log.problems, *([problem] if problem else []))
    return replace(log, problems=problems), denials.reader.offset


def bounded(stream: Iterator[bytes]) -> Iterator[bytes]:
    """ParseError behind the limit."""
    size = 0
    for data in stream:
        size += len(data)
        if size > MAX_LOG:
            raise ParseError(f"only its first {MAX_LOG >> 30} GB were read")
        yield data


def recorded(stream: Iterator[bytes]) -> Iterator[bytes]:
    """The text; of an export of the journal the records in it, as auditd writes them."""
    first = next(stream, b"")
    whole = chain((first,), stream)
    return Export().lines(whole) if first.startswith(EXPORT) else whole


def portions(descriptor: int) -> Iterator[bytes]:
    """As it is."""
    while data := os.read(descriptor, PORTION):
        yield data


def gunzipped(descriptor: int) -> Iterator[bytes]:
    """gzip's, one member after the other."""
    with opened(descriptor) as packed, gzip.GzipFile(fileobj=packed) as stream:
        yield from iter(lambda: stream.read(PORTION), b"")


def bunzipped(descriptor: int) -> Iterator[bytes]:
    """bzip2's."""
    with opened(descriptor) as packed, bz2.BZ2File(packed) as stream:
        yield from iter(lambda: stream.read(PORTION), b"")


def unxzed(descriptor: int) -> Iterator[bytes]:
    """xz's, with a bound on the memory that a hostile header may ask for."""
    unpacker = lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=XZ_MEMORY)
    os.lseek(descriptor, 0, os.SEEK_SET)
    while not unpacker.eof:
        data = os.read(descriptor, PORTION) if unpacker.needs_input else b""
        if not data and unpacker.needs_input:
            raise EOFError("cut short")
        yield unpacker.decompress(data, PORTION)


def unzstd(descriptor: int) -> Iterator[bytes]:
    """zstd's, one frame after the other."""
    os.lseek(descriptor, 0, os.SEEK_SET)
    with closing(Zstd()) as zstd:
        yield from zstd.stream(lambda: os.read(descriptor, PORTION // 16))


def opened(descriptor: int) -> BinaryIO:
    """A file object from the beginning that leaves the descriptor open."""
    os.lseek(descriptor, 0, os.SEEK_SET)
    return io.FileIO(descriptor, closefd=False)


PACKED: tuple[tuple[bytes, Callable[[int], Iterator[bytes]]], ...] = (
    (b"\x1f\x8b", gunzipped),
    (b"BZh", bunzipped),
    (b"\xfd7zXZ\0", unxzed),
    (ZSTD, unzstd),
)
"""How a compressed log begins."""
