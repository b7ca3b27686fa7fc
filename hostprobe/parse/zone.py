"""Compiled time zones: TZif, versions 1 to 4 (RFC 8536, tzfile(5))."""

import struct
from typing import NamedTuple

from hostprobe.facts.zone import ZoneFile
from hostprobe.parse.error import ParseError

HEADER = struct.Struct(">4sc15x6l")
TYPE = struct.Struct(">lBB")
MAX_RULE = 256


class _Counts(NamedTuple):
    """Of one block, in the order of the header."""

    is_ut: int
    is_standard: int
    leaps: int
    times: int
    types: int
    characters: int

    def size(self, width: int) -> int:
        """Bytes of the block behind its header; `width`: of one point in time."""
        types = self.types * TYPE.size + self.characters + self.is_ut + self.is_standard
        return self.times * (width + 1) + types + self.leaps * (width + 4)


def parse_zone(data: bytes) -> ZoneFile:
    """The 64-bit block of newer files, else the only one; ParseError for anything else."""
    version, counts = _header(data, 0)
    if version == b"\0":
        return _block(data, HEADER.size, counts, 4, "")
    second = HEADER.size + counts.size(4)
    _, counts = _header(data, second)
    start = second + HEADER.size
    footer = data[start + counts.size(8) :][: MAX_RULE + 2]
    if not footer.startswith(b"\n") or b"\n" not in footer[1:]:
        raise ParseError("a zone file without its last line")
    rule = footer[1:].partition(b"\n")[0]
    return _block(data, start, counts, 8, rule.decode("ascii", "replace"))


def _header(data: bytes, position: int) -> tuple[bytes, _Counts]:
    if data[position : position + 4] != b"TZif" or len(data) < position + HEADER.size:
        raise ParseError("not a compiled time zone")
    _, version, *numbers = HEADER.unpack_from(data, position)
    counts = _Counts(*numbers)
    if min(counts) < 0 or not counts.types:
        raise ParseError("a zone file with impossible counts")
    return version, counts


def _block(data: bytes, start: int, counts: _Counts, width: int, rule: str) -> ZoneFile:
    if start + counts.size(width) > len(data):
        raise ParseError("a zone file that is cut off")
    code = "q" if width == 8 else "l"
    times = struct.unpack_from(f">{counts.times}{code}", data, start)
    indices = data[start + counts.times * width :][: counts.times]
    types = start + counts.times * (width + 1)
    offsets = [
        TYPE.unpack_from(data, types + number * TYPE.size)[0] for number in range(counts.types)
    ]
    if indices and max(indices) >= counts.types:
        raise ParseError("a zone file with an unknown type")
    pairs = zip(times, (offsets[index] for index in indices), strict=True)
    return ZoneFile(offsets[0], tuple(pairs), rule)
