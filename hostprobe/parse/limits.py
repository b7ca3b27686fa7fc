"""Limits and use of one process: /proc/PID/limits, status, maps; `ulimit` in shell files."""

import re
from collections.abc import Iterator
from itertools import pairwise

from hostprobe.facts.limits import ArenaHeaps, ProcessLimits, ProcessStatus, ShellLimits
from hostprobe.parse.environment_file import OPENERS, statements
from hostprobe.parse.error import ParseError
from hostprobe.parse.kernel import number

ROW = re.compile(rb"^(Max [a-z ]{1,24}?) {1,40}(unlimited|\d{1,20}) ", re.MULTILINE)
LINE = re.compile(rb"^(\w+):[ \t]+(\d{1,20})(?: kB)?$", re.MULTILINE)
RANGE = re.compile(rb"^([0-9a-f]{1,16})-([0-9a-f]{1,16}) (rw|--)-p 00000000 00:00 0 *$")
HEAP = 64 << 20
"""HEAP_MAX_SIZE of malloc/arena.c with 64-bit addresses; heaps are aligned to it."""

MOST_LINES = 65_536
OPTIONS = re.compile(r"-([HS]*)([sdvpu])[HS]*")
COUNTED = "pu"
"""Letters of dash and of bash for the number of processes."""

VALUE = re.compile(r"\d{1,15}")


def parse_process_limits(data: bytes) -> ProcessLimits:
    """The soft limits that matter for memory and threads; ParseError where one is not there."""
    rows = {name: None if text == b"unlimited" else int(text) for name, text in ROW.findall(data)}
    try:
        return ProcessLimits(
            stack=rows[b"Max stack size"],
            data=rows[b"Max data size"],
            address_space=rows[b"Max address space"],
            processes=rows[b"Max processes"],
        )
    except KeyError as error:
        raise ParseError(f"no row {error.args[0].decode()}") from error


def parse_process_status(data: bytes) -> ProcessStatus:
    """ParseError for a process without memory: a kernel thread, a zombie."""
    lines = {name: number(text) for name, text in LINE.findall(data)}
    try:
        return ProcessStatus(
            size=lines[b"VmSize"] << 10,
            data=lines[b"VmData"] << 10,
            resident=lines[b"VmRSS"] << 10,
            threads=lines[b"Threads"],
        )
    except KeyError as error:
        raise ParseError(f"no line {error.args[0].decode()}: it has ended") from error


def parse_arena_heaps(data: bytes) -> ArenaHeaps:
    """What is in use begins at a multiple of 64 MB; what is only reserved fills up to the next.

    Stacks of threads are no heaps: they begin with their guard page.
    """
    count = 0
    awaited = (0, 0)
    for start, stop, is_used in anonymous(data):
        if is_used and start % HEAP == 0:
            awaited = (stop, start + HEAP)
            count += stop == start + HEAP
        elif not is_used:
            count += (start, stop) == awaited
    return ArenaHeaps(count)


def anonymous(data: bytes) -> Iterator[tuple[int, int, bool]]:
    """(start, end, may be written) of private ranges without a file and without a name."""
    for line in data.split(b"\n", MOST_LINES)[:MOST_LINES]:
        if match := RANGE.match(line):
            yield int(match[1], 16), int(match[2], 16), match[3] == b"rw"


def parse_shell_limits(data: bytes) -> ShellLimits:
    """`ulimit` outside of conditions, and what Debian's apache2ctl is told to run as such."""
    if b"ulimit" not in data:
        return ShellLimits(())
    text = data.decode("utf-8", "surrogateescape").replace("\\\n", "")
    found: list[tuple[str, int | None, int]] = []
    closing: list[str] = []
    for line, words in statements(text):
        opener = "{" if words[-1] == "{" else words[0]
        if opener in OPENERS:
            closing.append(OPENERS[opener])
        if not closing:
            found += [(*setting, line) for setting in soft_limits(plain_words(words))]
        elif words[0] == closing[-1]:
            closing.pop()
    return ShellLimits(tuple(found))


def plain_words(words: list[str]) -> list[str]:
    """`ulimit -s 512`, or APACHE_ULIMIT_MAX_FILES='ulimit -s 512', which apache2ctl(8) runs."""
    name, equals, value = words[-1].partition("=")
    if equals and name == "APACHE_ULIMIT_MAX_FILES":
        return value.strip("'\"").split()
    return words


def soft_limits(words: list[str]) -> Iterator[tuple[str, int | None]]:
    """(letter, bytes or count); `-H` alone leaves the soft limit as it is."""
    if words[:1] != ["ulimit"]:
        return
    for option, value in pairwise(words):
        match = OPTIONS.fullmatch(option)
        if not match or match[1] == "H":
            continue
        letter = match[2]
        if value == "unlimited":
            yield letter, None
        elif VALUE.fullmatch(value):
            yield letter, int(value) << (0 if letter in COUNTED else 10)
