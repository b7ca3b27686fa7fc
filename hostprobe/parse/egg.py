"""Zipped eggs: the central directory of a zip archive, and the modules that are text.

APPNOTE.TXT 6.3, sections 4.3.7 (local header), 4.3.12 (central directory), 4.3.16 (its end).
Nothing is unpacked but modules, in memory, up to a limit.
"""

import struct
import zlib
from collections.abc import Iterator
from typing import NamedTuple

from hostprobe.facts.egg import Egg
from hostprobe.parse.error import ParseError

END, ENTRY, LOCAL = b"PK\x05\x06", b"PK\x01\x02", b"PK\x03\x04"
END_LAYOUT = struct.Struct("<4s4H2LH")
ENTRY_LAYOUT = struct.Struct("<4s6H3L5H2L")
LOCAL_LAYOUT = struct.Struct("<4s5H3L2H")
LONGEST_COMMENT = 0xFFFF
MAX_ENTRIES = 20_000
MAX_MODULE, MAX_TEXT = 1 << 20, 16 << 20
"""Bytes of one module and of all of them."""

STORED, DEFLATED = 0, 8
ASKS = b"resource_filename"
EAGER = "EGG-INFO/eager_resources.txt"
COMPILED = (".so", ".pyd")
SOURCE = (".py", ".pyc")


class Entry(NamedTuple):
    """One member."""

    name: str
    method: int
    packed: int
    size: int
    place: int
    """Of its local header."""


def parse_egg(data: bytes) -> Egg:
    """What an archive offers; ParseError for what is no zip archive, or one of more than 4 GB."""
    found = tuple(entries(data))
    extensions = tuple((one.name, one.size) for one in found if one.name.endswith(COMPILED))
    stubs = {stem(name) for name, _ in extensions}
    texts = [one for one in found if one.name.endswith(SOURCE) and stem(one.name) not in stubs]
    askers, is_cut = asking(data, texts)
    return Egg(
        extensions=extensions,
        packages=tuple(sorted({top for one in found if (top := top_name(one.name))})),
        has_eager_resources=any(one.name == EAGER and one.size for one in found),
        askers=askers,
        is_cut=is_cut or len(found) == MAX_ENTRIES,
    )


def entries(data: bytes) -> Iterator[Entry]:
    """The central directory in its order, at most MAX_ENTRIES."""
    end = data.rfind(END, max(0, len(data) - END_LAYOUT.size - LONGEST_COMMENT))
    if end < 0 or end + END_LAYOUT.size > len(data):
        raise ParseError("not a zip archive")
    _, _, _, _, count, size, offset, _ = END_LAYOUT.unpack_from(data, end)
    if offset == 0xFFFFFFFF or count == 0xFFFF:
        raise ParseError("a zip64 archive, not read")
    place = end - size
    moved = place - offset  # an archive may stand behind something else
    if place < 0 or moved < 0:
        raise ParseError("the directory of the archive is not where its end says")
    for _ in range(min(count, MAX_ENTRIES)):
        if place + ENTRY_LAYOUT.size > end or data[place : place + 4] != ENTRY:
            raise ParseError("the directory of the archive breaks off")
        fields = ENTRY_LAYOUT.unpack_from(data, place)
        name = place + ENTRY_LAYOUT.size
        text = data[name : name + fields[10]].decode("utf-8", "surrogateescape")
        yield Entry(text, fields[4], fields[8], fields[9], fields[16] + moved)
        place = name + sum(fields[10:13])


def asking(data: bytes, texts: list[Entry]) -> tuple[tuple[str, ...], bool]:
    """Modules that mention resource_filename, and whether not all were read."""
    found: dict[str, None] = {}
    room, is_cut = MAX_TEXT, False
    for one in texts:
        cost = max(one.size, one.packed)
        if cost > min(room, MAX_MODULE):
            is_cut = True
            continue
        text = unpacked(data, one)
        room -= max(cost, len(text))
        if ASKS in text:
            found.setdefault(stem(one.name))
    return tuple(found), is_cut


def unpacked(data: bytes, one: Entry) -> bytes:
    """At most MAX_MODULE bytes of a member; nothing where it is damaged."""
    head = data[one.place : one.place + LOCAL_LAYOUT.size]
    if len(head) < LOCAL_LAYOUT.size or not head.startswith(LOCAL):
        return b""
    *_, name, extra = LOCAL_LAYOUT.unpack(head)
    start = one.place + LOCAL_LAYOUT.size + name + extra
    packed = data[start : start + one.packed]
    if one.method == STORED:
        return packed[:MAX_MODULE]
    if one.method != DEFLATED:
        return b""
    try:
        return zlib.decompressobj(-zlib.MAX_WBITS).decompress(packed, MAX_MODULE)
    except zlib.error:
        return b""


def stem(name: str) -> str:
    """a/b.cpython-311-x86_64-linux-gnu.so and its stub a/b.py are both a/b."""
    folder, _, file = name.replace("__pycache__/", "").rpartition("/")
    return f"{folder}/{file.partition('.')[0]}"


def top_name(name: str) -> str:
    """The first part of what the member is imported as; "" for metadata."""
    top, slash, _ = name.partition("/")
    if top == "EGG-INFO" or not (slash or name.endswith((*SOURCE, *COMPILED))):
        return ""
    return top if slash else top.partition(".")[0]
