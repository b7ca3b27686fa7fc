"""LZ4's block format (lz4_Block_format.md), in which some builds of journald compress."""

from hostprobe.parse.error import ParseError


def unpacked_lz4(data: bytes, most: int) -> bytes:
    """The content of one block; ParseError where it is damaged or has more than `most` bytes."""
    found, place = bytearray(), 0
    try:
        while place < len(data):
            token = data[place]
            count, place = length(data, place + 1, token >> 4)
            found += data[place : place + count]
            place += count
            if place < len(data):
                distance = data[place] | data[place + 1] << 8
                count, place = length(data, place + 2, token & 15)
                repeat(found, distance, min(count + 4, most + 1))
            if len(found) > most:
                raise ParseError(f"more than {most} bytes in a block of LZ4")
    except IndexError:
        raise ParseError("damaged block of LZ4") from None
    return bytes(found)


def length(data: bytes, place: int, count: int) -> tuple[int, int]:
    """A count that goes on in the next bytes where it is 15, and the place behind it."""
    if count < 15:
        return count, place
    while data[place] == 255:
        count, place = count + 255, place + 1
    return count + data[place], place + 1


def repeat(found: bytearray, distance: int, count: int) -> None:
    """Append what was there so many bytes before; it may overlap with what is appended."""
    if not 0 < distance <= len(found):
        raise ParseError("damaged block of LZ4")
    piece = bytes(found[len(found) - distance :][:count])
    found += (piece * (count // len(piece) + 1))[:count]
