"""/proc/PID/mountinfo (proc_pid_mountinfo(5), fs/proc_namespace.c) and fstab(5)."""

import re
from collections.abc import Iterator

from hostprobe.facts.mount import Fstab, FstabEntry, Mount, MountTable
from hostprobe.parse.error import ParseError

AS_READ = ("utf-8", "surrogateescape")
MAX_MOUNTS = 100_000
"""The kernel's own limit for a namespace (fs.mount-max)."""

ESCAPE = re.compile(rb"\\([0-7]{3})")
UNDO = {"rw": "ro", "exec": "noexec", "suid": "nosuid", "dev": "nodev"}
FLAGS = frozenset(UNDO.values())
IMPLIED = {
    "user": FLAGS - {"ro"},
    "users": FLAGS - {"ro"},
    "owner": {"nosuid", "nodev"},
    "group": {"nosuid", "nodev"},
}
"""What an option of mount(8) stands for; options behind it can take that back."""

MANDATORY = 6
"""Fields before the optional ones, which end with a dash."""


def parse_mountinfo(data: bytes) -> MountTable:
    """Every mount in the kernel's order; ParseError for a line that is none."""
    lines = [line for line in data.decode(*AS_READ).split("\n") if line]
    if len(lines) > MAX_MOUNTS:
        raise ParseError(f"more than {MAX_MOUNTS} mounts")
    return MountTable(tuple(mount(number, line) for number, line in enumerate(lines, 1)))


def mount(number: int, line: str) -> Mount:
    """One line: ids, device, root, place, options, optional fields, a dash, type, source, more."""
    fields = line.split(" ")
    try:
        dash = fields.index("-", MANDATORY)
        return Mount(
            number=identifier(fields[0]),
            parent=identifier(fields[1]),
            place=unescaped(fields[4]),
            filesystem=fields[dash + 1],
            options=tuple(fields[5].split(",")),
        )
    except (ValueError, IndexError) as error:
        raise ParseError(f"line {number}: not a mount") from error


def identifier(text: str) -> int:
    """A mount ID; ValueError for what the kernel never writes."""
    if not (text.isascii() and text.isdigit() and len(text) <= 20):
        raise ValueError(text)
    return int(text)


def unescaped(text: str) -> str:
    r"""Blank, tab, line break and backslash are written in octal: `\040`."""
    raw = ESCAPE.sub(lambda match: bytes([int(match[1], 8) & 0xFF]), text.encode(*AS_READ))
    return raw.decode(*AS_READ)


def parse_fstab(data: bytes) -> Fstab:
    """What `mount -a` mounts; lines that libmount would skip are skipped."""
    text = data.decode(*AS_READ)
    return Fstab(tuple(fstab_entries(text.split("\n")[:MAX_MOUNTS])))


def fstab_entries(lines: list[str]) -> Iterator[FstabEntry]:
    """Source, place, type and options; options are optional."""
    for line in lines:
        fields = line.split()
        if len(fields) < 3 or fields[0].startswith("#") or not fields[1].startswith("/"):
            continue
        options = fields[3].split(",") if len(fields) > 3 else []
        if "noauto" not in options:
            place = unescaped(fields[1]).rstrip("/") or "/"
            yield FstabEntry(place, fields[2], in_force(options))


def in_force(options: list[str]) -> tuple[str, ...]:
    """The flags after all options, each in its turn (mount(8))."""
    flags: set[str] = set()
    for option in options:
        flags |= IMPLIED.get(option, {option} & FLAGS)
        flags.discard(UNDO.get(option, ""))
    return tuple(sorted(flags))
