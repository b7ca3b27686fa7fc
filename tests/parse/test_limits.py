"""/proc/PID/limits, status and maps, and ulimit in shell files."""

import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostprobe.facts.limits import ArenaHeaps, ProcessLimits, ProcessStatus
from hostprobe.parse.error import ParseError
from hostprobe.parse.limits import (
    parse_arena_heaps,
    parse_process_limits,
    parse_process_status,
    parse_shell_limits,
)

LIMITS = b"""Limit                     Soft Limit           Hard Limit           Units     
Max cpu time              unlimited            unlimited            seconds   
Max data size             unlimited            unlimited            bytes     
Max stack size            8388608              unlimited            bytes     
Max processes             96364                96364                processes 
Max address space         536870912            536870912            bytes     
"""  # noqa: W291  as the kernel pads it
STATUS = b"Name:\tapache2\nVmSize:\t  1024 kB\nVmRSS:\t 7 kB\nVmData:\t 12 kB\nThreads:\t28\n"
HEAP = b"""7f0000000000-7f0000021000 rw-p 00000000 00:00 0 
7f0000021000-7f0004000000 ---p 00000000 00:00 0 
"""  # noqa: W291


def test_soft_limits_are_bytes_and_counts():
    expected = ProcessLimits(8388608, None, 536870912, 96364)
    assert parse_process_limits(LIMITS) == expected


def test_memory_is_in_bytes():
    assert parse_process_status(STATUS) == ProcessStatus(1 << 20, 12 << 10, 7 << 10, 28)


@pytest.mark.parametrize("parse", [parse_process_limits, parse_process_status])
def test_an_ended_process_is_no_fact(parse):
    with pytest.raises(ParseError, match="no "):
        parse(b"Name:\tapache2\nState:\tZ (zombie)\n")


def test_this_process_has_limits_and_memory():
    limits = parse_process_limits(Path("/proc/self/limits").read_bytes())
    status = parse_process_status(Path("/proc/self/status").read_bytes())
    assert limits.stack is None or limits.stack > 0
    assert status.size >= status.resident > 0


@pytest.mark.parametrize(
    ("maps", "count"),
    [
        (HEAP, 1),
        (HEAP + HEAP.replace(b"7f0000", b"7f0008").replace(b"7f0004", b"7f000c"), 2),
        (b"7f0000000000-7f0004000000 rw-p 00000000 00:00 0 \n", 1),
        (b"7f0000000000-7f0008000000 rw-p 00000000 00:00 0 \n", 0),
        (b"7f0000000000-7f0000021000 rw-p 00000000 00:00 0 \n", 0),
        (HEAP.replace(b" 00:00 0 ", b" 00:00 0   [heap]"), 0),
        (b"", 0),
    ],
)
def test_heaps_of_64_mb_are_counted(maps, count):
    assert parse_arena_heaps(maps) == ArenaHeaps(count)


def test_stacks_of_threads_are_no_heaps():
    """Nine contiguous stacks of 8 MB cover an aligned range of 64 MB."""
    lines = []
    for start in range(0x7F0000000000, 0x7F0000000000 + 9 * 0x801000, 0x801000):
        lines.append(f"{start:x}-{start + 0x1000:x} ---p 00000000 00:00 0 \n")
        lines.append(f"{start + 0x1000:x}-{start + 0x801000:x} rw-p 00000000 00:00 0 \n")
    assert parse_arena_heaps("".join(lines).encode()) == ArenaHeaps(0)


@pytest.mark.parametrize(
    ("text", "settings"),
    [
        ("ulimit -s 512", (("s", 512 << 10, 1),)),
        ("export A=b\nulimit -s 512 || true", (("s", 512 << 10, 2),)),
        ("ulimit -s unlimited; ulimit -v 1000", (("s", None, 1), ("v", 1024000, 1))),
        ("ulimit -Ss 512 -u 100", (("s", 512 << 10, 1), ("u", 100, 1))),
        ("APACHE_ULIMIT_MAX_FILES='ulimit -s 512'", (("s", 512 << 10, 1),)),
        ("ulimit -p 100", (("p", 100, 1),)),
        ("ulimit -Hs 512", ()),
        ("ulimit -n 8192", ()),
        ("#ulimit -s 512", ()),
        ("APACHE_ULIMIT_MAX_FILES='ulimit -n 65536'", ()),
        ("if [ -x /a ]; then\n  ulimit -s 512\nfi\nulimit -s 64", (("s", 64 << 10, 4),)),
        ("ulimit -s $SIZE", ()),
        ("ulimit -s", ()),
        ("echo ulimit -s 512", ()),
    ],
)
def test_ulimits_of_a_shell_file(text, settings):
    assert parse_shell_limits(text.encode()).settings == settings


@pytest.mark.parametrize("parse", [parse_process_limits, parse_process_status])
@given(st.binary())
def test_any_bytes_are_a_fact_or_a_parse_error(parse, data):
    with contextlib.suppress(ParseError):
        parse(data)


@pytest.mark.parametrize("parse", [parse_arena_heaps, parse_shell_limits])
@given(st.binary())
def test_any_bytes_have_heaps_and_ulimits(parse, data):
    parse(data)
