"""/proc/PID/maps: the files that a process has mapped (proc_pid_maps(5), fs/proc/task_mmu.c)."""

from collections.abc import Iterator

from hostprobe.facts.process import MappedFile, Mappings
from hostprobe.parse.error import ParseError

MAX_LINES = 10_000
"""Lines read of one process; an httpd with a thousand threads has some 3,000."""

DELETED = b" (deleted)"
NO_FILES = (b"/dev/", b"/memfd:", b"/SYSV", b"/anon_hugepage", b"/[aio]")
"""Devices, and what only looks like a path: shared memory without a file."""


def parse_maps(data: bytes) -> Mappings:
    """Every mapped file once; anonymous memory, devices and shared memory are left out.

    The kernel writes a line break in a name in octal and changes nothing else; so a name
    that really holds backslash, 0, 1, 2 reads as one with a line break. Raises ParseError.
    """
    lines = data.split(b"\n", MAX_LINES)
    found: dict[tuple[bytes, bytes, bytes], MappedFile] = {}
    for number, line in enumerate(lines[:MAX_LINES], 1):
        if b"/" in line:
            try:
                add(found, line)
            except (ValueError, UnicodeError) as error:
                raise ParseError(f"line {number}: not a mapping: {error}") from error
    return Mappings(tuple(found.values()), is_cut=bool(lines[MAX_LINES:] and lines[MAX_LINES]))


def add(found: dict[tuple[bytes, bytes, bytes], MappedFile], line: bytes) -> None:
    """Enter one line, or widen what is known of its file; ValueError for a malformed one."""
    addresses, permissions, _, device, inode, rest = line.split(b" ", 5)
    name = rest.lstrip(b" ")
    if not name.startswith(b"/") or name.startswith(NO_FILES):
        return
    is_executable = b"x" in permissions
    key = (name, device, inode)
    known = found.get(key)
    if known is None:
        start, end = (int(each, 16) for each in addresses.split(b"-"))
        is_deleted = name.endswith(DELETED)
        path = name.removesuffix(DELETED).replace(rb"\012", b"\n")
        found[key] = MappedFile(
            path.decode("utf-8", "surrogateescape"),
            device_number(device),
            int(inode),
            start,
            end,
            is_deleted,
            is_executable,
        )
    elif is_executable and not known.is_executable:
        found[key] = known._replace(is_executable=True)


def device_number(text: bytes) -> int:
    """`fe:00` as st_dev: the bits of makedev(3)."""
    major, minor = (int(each, 16) for each in text.split(b":"))
    return (
        (major & 0xFFFFF000) << 32
        | (major & 0xFFF) << 8
        | (minor & 0xFFFFFF00) << 12
        | (minor & 0xFF)
    )


def parse_unix_sockets(data: bytes) -> dict[int, str]:
    """/proc/net/unix: inode of each bound socket -> its path (unix(7)); odd lines are no socket."""
    return dict(bound_sockets(data))


def bound_sockets(data: bytes) -> Iterator[tuple[int, str]]:
    """Columns: number, references, protocol, flags, type, state, inode, path."""
    for line in data.split(b"\n"):
        columns = line.split(None, 7)
        if len(columns) == 8 and columns[6].isdigit():
            yield int(columns[6]), columns[7].decode("utf-8", "surrogateescape")
