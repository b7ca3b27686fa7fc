"""Small files of /proc and of control groups (proc(5), cgroups(7), OpenVZ's user beancounters)."""

import re
from collections.abc import Iterator

from hostprobe.facts.memory import (
    Beancounter,
    Beancounters,
    CgroupEntry,
    CgroupMembership,
    KernelCounters,
    KernelNumber,
    OnlineProcessors,
    PooledMemory,
    SocketUse,
)
from hostprobe.parse.error import ParseError

NO_LIMIT = 1 << 62
"""Version 1 writes the largest number that it can count to (PAGE_COUNTER_MAX, LONG_MAX)."""

DIGITS = re.compile(rb"\d{1,20}")
COUNTER = re.compile(rb"^([\w().]+):?[ \t]+(\d{1,20})( kB)?$", re.MULTILINE)
SOCKETS = re.compile(rb"^TCP: inuse (\d{1,20})", re.MULTILINE)
RANGES = re.compile(rb"\d{1,6}(-\d{1,6})?(,\d{1,6}(-\d{1,6})?)*")
MOST_COUNTERS, MOST_ENTRIES, MOST_PROCESSORS = 2_000, 100, 1 << 16


def number(text: bytes) -> int:
    """A decimal number, cut at what the kernel could mean (64 bits)."""
    return min(int(text), (1 << 64) - 1)


def parse_kernel_number(data: bytes) -> KernelNumber:
    """`max`, or a number; ParseError for anything else."""
    text = data.strip()
    if text == b"max":
        return KernelNumber(None)
    if not DIGITS.fullmatch(text):
        raise ParseError("not a number")
    value = number(text)
    return KernelNumber(None if value >= NO_LIMIT else value)


def parse_kernel_counters(data: bytes) -> KernelCounters:
    """Every line of that form; ParseError where there is none."""
    found = {}
    for match in COUNTER.finditer(data):
        found[match[1].decode("ascii", "replace")] = number(match[2]) << (10 if match[3] else 0)
        if len(found) >= MOST_COUNTERS:
            break
    if not found:
        raise ParseError("no line with a name and a number")
    return KernelCounters(found)


def parse_pooled_memory(data: bytes) -> PooledMemory:
    """ParseError where one of the lines is not there."""
    lines = parse_kernel_counters(data).values
    try:
        private = lines["Private_Clean"] + lines["Private_Dirty"]
        return PooledMemory(lines["Pss"], private)
    except KeyError as error:
        raise ParseError(f"no line {error.args[0]}") from error


def parse_online_processors(data: bytes) -> OnlineProcessors:
    """`0-3,8`: 5."""
    text = data.strip()
    if not RANGES.fullmatch(text):
        raise ParseError("not a list of processors")
    count = sum(span(part) for part in text.split(b","))
    if not 0 < count <= MOST_PROCESSORS:
        raise ParseError("not a number of processors")
    return OnlineProcessors(count)


def span(part: bytes) -> int:
    """How many numbers are in `3` or `0-3`; none in a range that runs backwards."""
    first, _, last = part.partition(b"-")
    return max(0, int(last or first) - int(first) + 1)


def parse_cgroup_membership(data: bytes) -> CgroupMembership:
    """Lines `number:controllers:path`; ParseError for one of another form."""
    entries = []
    for line in data.decode("utf-8", "surrogateescape").splitlines()[:MOST_ENTRIES]:
        parts = line.split(":", 2)
        if len(parts) != 3 or not parts[2].startswith("/"):
            raise ParseError("not a list of control groups")
        controllers = tuple(name for name in parts[1].split(",") if name)
        entries.append(CgroupEntry(controllers, parts[2]))
    return CgroupMembership(tuple(entries))


def parse_beancounters(data: bytes) -> Beancounters:
    """The rows of the first container; ParseError without any."""
    found = tuple(counter_rows(data))
    if not found:
        raise ParseError("no row of a resource")
    return Beancounters(found)


def counter_rows(data: bytes) -> Iterator[Beancounter]:
    """`[uid:] resource held maxheld barrier limit failcnt`; odd lines are no rows."""
    owners = 0
    for line in data.splitlines()[:MOST_COUNTERS]:
        words = line.split()
        owners += line.lstrip()[:1].isdigit()
        if len(words) == 7:
            words = words[1:]
        if len(words) != 6 or owners > 1 or not all(map(DIGITS.fullmatch, words[1:])):
            continue
        name, held, most, barrier, limit, failures = words
        yield Beancounter(
            name.decode("ascii", "replace"),
            number(held),
            number(most),
            limited(barrier),
            limited(limit),
            number(failures),
        )


def limited(text: bytes) -> int | None:
    """LONG_MAX, of 32 bits too, is no limit."""
    value = number(text)
    return None if value >= NO_LIMIT or value == (1 << 31) - 1 else value


def parse_socket_use(data: bytes) -> SocketUse:
    """`TCP: inuse 5 ...`; ParseError without that line."""
    match = SOCKETS.search(data)
    if match is None:
        raise ParseError("no line TCP")
    return SocketUse(number(match[1]))
