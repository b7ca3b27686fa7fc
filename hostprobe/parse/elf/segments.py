"""What the program headers say by themselves: interpreter, stack, TLS, build id."""

from collections.abc import Iterator

from hostprobe.facts.elf import Tls
from hostprobe.parse.elf.decoder import (
    PT_GNU_STACK,
    PT_INTERP,
    PT_NOTE,
    PT_TLS,
    Segment,
)
from hostprobe.parse.elf.image import Image
from hostprobe.parse.elf.limits import MAX_NOTE_BYTES, MAX_PATH
from hostprobe.parse.error import ParseError

NT_GNU_BUILD_ID = 3


def parse_interpreter(image: Image) -> bytes | None:
    """PT_INTERP up to its NUL."""
    segment = image.segment(PT_INTERP)
    if segment is None:
        return None
    if segment.filesz > MAX_PATH:
        raise ParseError(f"PT_INTERP has {segment.filesz} bytes, a path at most {MAX_PATH}")
    return segment_bytes(image, segment, "PT_INTERP").partition(b"\0")[0]


def parse_stack_flags(image: Image) -> int | None:
    """p_flags of PT_GNU_STACK."""
    segment = image.segment(PT_GNU_STACK)
    return None if segment is None else segment.flags


def parse_tls(image: Image) -> Tls | None:
    """PT_TLS."""
    segment = image.segment(PT_TLS)
    return None if segment is None else Tls(segment.memsz, segment.align)


def parse_build_id(image: Image) -> bytes | None:
    """The first NT_GNU_BUILD_ID; a note that is damaged ends the search, ld.so reads none."""
    for segment in image.decoder.segments:
        if segment.type == PT_NOTE and segment.filesz <= MAX_NOTE_BYTES:
            for kind, owner, descriptor in parse_notes(image, segment):
                if kind == NT_GNU_BUILD_ID and owner == b"GNU\0":
                    return descriptor
    return None


def parse_notes(image: Image, segment: Segment) -> Iterator[tuple[int, bytes, bytes]]:
    """Yield n_type, name and descriptor; both are padded to 8 bytes if p_align is 8, else to 4."""
    raw = segment_bytes(image, segment, "PT_NOTE")
    align = 8 if segment.align == 8 else 4
    at = 0
    while at + 12 <= len(raw):
        name_size, size, kind = image.decoder.words(segment.offset + at, 3)
        start = at + (12 + name_size + align - 1) // align * align
        if start + size > len(raw):
            return
        yield kind, raw[at + 12 : at + 12 + name_size], raw[start : start + size]
        at = start + (size + align - 1) // align * align


def segment_bytes(image: Image, segment: Segment, what: str) -> bytes:
    """The bytes of a segment in the file."""
    end = segment.offset + segment.filesz
    if end > len(image.data):
        raise ParseError(f"{what} ends at {end}, the file at {len(image.data)}")
    return bytes(image.data[segment.offset : end])
