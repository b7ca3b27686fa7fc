"""The end of an error log, read in pieces: a log of any size costs the same memory."""

import os
import zlib
from collections.abc import Callable, Iterator
from typing import TypeVar

from hostprobe.collect.root import Root, missing
from hostprobe.facts.error_log import ErrorLog, LogClock
from hostprobe.facts.files import Missing
from hostprobe.facts.memory import OomLog
from hostprobe.parse.error_log import ErrorLogReading
from hostprobe.parse.log_clock import parse_log_clock
from hostprobe.parse.oom_log import parse_oom_log

Fact = TypeVar("Fact")

PIECE = 1 << 20
MOST_BYTES = 16 << 20
"""Of one log, uncompressed: its end, of a compressed one its beginning."""

CLOCK_BYTES = 256 << 10
"""Of one log, where only the times of its lines are looked at."""

OOM_BYTES = 4 << 20
"""Of the kernel's log."""

GZIP = b"\x1f\x8b"


def read_error_log(root: Root, path: str) -> ErrorLog | Missing:
    """The last MOST_BYTES of the log; of a line that they begin within only the rest is seen."""
    real = root.resolve(path)
    if isinstance(real, Missing):
        return real
    try:
        with root.open(real) as (descriptor, status):
            if os.pread(descriptor, len(GZIP), 0) == GZIP:
                return counted(inflated(descriptor))
            skipped = max(0, status.st_size - MOST_BYTES)
            return counted(pieces(descriptor, skipped), skipped)
    except zlib.error as error:
        return Missing(f"{path}: damaged gzip data: {error}")
    except OSError as error:
        return missing(path, error)


def read_log_clock(root: Root, path: str) -> LogClock | Missing:
    """Of the last CLOCK_BYTES of a log that is not compressed."""
    return parsed_end(root, path, CLOCK_BYTES, parse_log_clock)


def read_oom_log(root: Root, path: str) -> OomLog | Missing:
    """Of the last OOM_BYTES of a log that is not compressed."""
    return parsed_end(root, path, OOM_BYTES, parse_oom_log)


def parsed_end(root: Root, path: str, most: int, parse: Callable[[bytes], Fact]) -> Fact | Missing:
    """What the last bytes of a file say, at most so many."""
    real = root.resolve(path)
    if isinstance(real, Missing):
        return real
    try:
        with root.open(real) as (descriptor, status):
            return parse(os.pread(descriptor, most, max(0, status.st_size - most)))
    except OSError as error:
        return missing(path, error)


def counted(stream: Iterator[bytes], skipped: int = 0) -> ErrorLog:
    """All pieces through one reading."""
    reading = ErrorLogReading()
    for piece in stream:
        reading.feed(piece)
    return reading.result(skipped)


def pieces(descriptor: int, start: int) -> Iterator[bytes]:
    """From `start` on; what is appended meanwhile counts to the limit too."""
    for offset in range(start, start + MOST_BYTES, PIECE):
        piece = os.pread(descriptor, PIECE, offset)
        if not piece:
            return
        yield piece


def inflated(descriptor: int) -> Iterator[bytes]:
    """The content of gzip members, one after the other; a bomb ends at MOST_BYTES."""
    left, offset = MOST_BYTES, 0
    inflate, data = zlib.decompressobj(wbits=31), b""
    while left > 0:
        if inflate.eof:
            data, inflate = inflate.unused_data, zlib.decompressobj(wbits=31)
        if not data:
            data = os.pread(descriptor, PIECE // 4, offset)
            offset += len(data)
        if not data:
            return
        piece = inflate.decompress(data, min(PIECE, left))
        data = inflate.unconsumed_tail
        left -= len(piece)
        if piece:
            yield piece
