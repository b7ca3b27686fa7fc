"""Fields of one audit record.

`key=value`, quoted, or as hexadecimal digits where a value holds blanks, quotes or control
characters (kernel/audit.c, audit_log_untrustedstring).
"""

import re
from collections.abc import Mapping

TYPES = {
    "1107": "USER_AVC",
    "1300": "SYSCALL",
    "1302": "PATH",
    "1307": "CWD",
    "1400": "AVC",
}
"""Numbers that kernel logs have instead of names (linux/audit.h)."""

ENRICHED = b"\x1d"
"""What stands before the interpretations that auditd appends (log_format = ENRICHED)."""

HEAD = re.compile(
    rb"(?:node=(\S+) )?(?:type=(?:UNKNOWN\[)?(\w+)\]? )?(?:msg=)?audit\((\d+)\.(\d+):(\d+)\): ?"
)
FIELD = re.compile(rb"([A-Za-z_][\w-]*)=(\"[^\"]*\"|[^\s\"']*)")
HEXADECIMAL = re.compile(rb"(?:[0-9A-F]{2})+", re.IGNORECASE)
NOTHING = frozenset({b"", b"?", b"(null)", b"(none)"})


def record_type(line: bytes) -> str:
    """SYSCALL, AVC ...; "" for a line that is no record."""
    head = HEAD.search(line)
    if head is None or head[2] is None:
        return ""
    name = head[2].decode("ascii", "replace")
    return TYPES.get(name, name)


def node_of(line: bytes) -> bytes:
    """The host that an aggregated log names; empty for one of this host."""
    head = HEAD.search(line)
    return b"" if head is None else head[1] or b""


def time_of(line: bytes) -> float:
    """Seconds since the epoch; 0.0 for a line without a time."""
    head = HEAD.search(line)
    return float(b"%s.%s" % (head[3][:10], head[4][:9])) if head else 0.0


def fields_of(line: bytes) -> Mapping[str, bytes]:
    """Raw values by key, quotes left; of a key that occurs twice the last one counts."""
    head = HEAD.search(line)
    text = line[head.end() if head else 0 :].partition(ENRICHED)[0]
    return {key.decode("ascii"): value for key, value in FIELD.findall(text)}


def text_of(fields: Mapping[str, bytes], key: str) -> str | None:
    """A value that the kernel takes from users: quoted, or hexadecimal."""
    value = fields.get(key, b"")
    if value.startswith(b'"'):
        value = value.strip(b'"')
    elif HEXADECIMAL.fullmatch(value):
        value = bytes.fromhex(value.decode("ascii")).replace(b"\0", b"@", 1).partition(b"\0")[0]
    if value in NOTHING:
        return None
    return value.decode("utf-8", "surrogateescape")


def number_of(fields: Mapping[str, bytes], key: str) -> int | None:
    """A small decimal value."""
    value = fields.get(key, b"")
    return int(value) if value.isdigit() and len(value) < 10 else None
