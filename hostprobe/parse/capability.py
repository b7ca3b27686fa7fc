"""security.capability: vfs_cap_data of linux/capability.h, little endian on every machine."""

import struct

from hostprobe.facts.capability import FileCapabilities
from hostprobe.parse.error import ParseError

REVISIONS = {1: 1, 2: 2, 3: 2}
"""Revision -> pairs of (permitted, inheritable) words."""


def parse_capabilities(data: bytes) -> FileCapabilities:
    """Permitted capabilities; ParseError for another structure."""
    if len(data) < 4:
        raise ParseError("shorter than its revision")
    (magic,) = struct.unpack_from("<I", data)
    pairs = REVISIONS.get(magic >> 24, 0)
    if not pairs or len(data) < 4 + 8 * pairs:
        raise ParseError(f"no capabilities of a known revision: {magic:#x}")
    permitted = 0
    for number in range(pairs):
        permitted |= struct.unpack_from("<I", data, 4 + 8 * number)[0] << (32 * number)
    return FileCapabilities(permitted, bool(magic & 1))
