"""The two hashes by which a journal finds its data (systemd's JOURNAL_FILE_FORMAT)."""

from struct import iter_unpack, unpack

MASK32, MASK64 = (1 << 32) - 1, (1 << 64) - 1
INITIAL = (0x736F6D6570736575, 0x646F72616E646F6D, 0x6C7967656E657261, 0x7465646279746573)


def siphash24(key: bytes, data: bytes) -> int:
    """SipHash-2-4 with a key of 16 bytes (Aumasson and Bernstein, 2012)."""
    low, high = unpack("<2Q", key)
    state: list[int] = [
        word ^ half for word, half in zip(INITIAL, (low, high, low, high), strict=True)
    ]
    end = len(data) & ~7
    last = int.from_bytes(data[end:], "little") | (len(data) & 0xFF) << 56
    for word in (*(word for (word,) in iter_unpack("<Q", data[:end])), last):
        state[3] ^= word
        sip_rounds(state, 2)
        state[0] ^= word
    state[2] ^= 0xFF
    sip_rounds(state, 4)
    return state[0] ^ state[1] ^ state[2] ^ state[3]


def sip_rounds(state: list[int], count: int) -> None:
    """The mixing of SipHash, in place."""
    a, b, c, d = state
    for _ in range(count):
        a = (a + b) & MASK64
        b = rotated(b, 13, 64) ^ a
        a = rotated(a, 32, 64)
        c = (c + d) & MASK64
        d = rotated(d, 16, 64) ^ c
        a = (a + d) & MASK64
        d = rotated(d, 21, 64) ^ a
        c = (c + b) & MASK64
        b = rotated(b, 17, 64) ^ c
        c = rotated(c, 32, 64)
    state[:] = a, b, c, d


def lookup3(data: bytes) -> int:
    """Jenkins' hashlittle2, both halves: journals from before systemd 246."""
    a = b = c = (0xDEADBEEF + len(data)) & MASK32
    if not data:
        return c << 32 | b
    blocks = (len(data) + 11) // 12
    padded = data.ljust(12 * blocks, b"\0")
    for number, (x, y, z) in enumerate(iter_unpack("<3I", padded), 1):
        a, b, c = (a + x) & MASK32, (b + y) & MASK32, (c + z) & MASK32
        if number < blocks:
            a, b, c = mixed(a, b, c)
    return last_mixed(a, b, c)


def mixed(a: int, b: int, c: int) -> tuple[int, int, int]:
    """lookup3.c, mix."""
    for first, second, third in ((4, 6, 8), (16, 19, 4)):
        a = (a - c) & MASK32 ^ rotated(c, first, 32)
        c = (c + b) & MASK32
        b = (b - a) & MASK32 ^ rotated(a, second, 32)
        a = (a + c) & MASK32
        c = (c - b) & MASK32 ^ rotated(b, third, 32)
        b = (b + a) & MASK32
    return a, b, c


def last_mixed(a: int, b: int, c: int) -> int:
    """lookup3.c, final."""
    for first, second, third in ((14, 11, 25), (16, 4, 14)):
        c = ((c ^ b) - rotated(b, first, 32)) & MASK32
        a = ((a ^ c) - rotated(c, second, 32)) & MASK32
        b = ((b ^ a) - rotated(a, third, 32)) & MASK32
    c = ((c ^ b) - rotated(b, 24, 32)) & MASK32
    return c << 32 | b


def rotated(word: int, count: int, bits: int) -> int:
    """To the left."""
    return (word << count | word >> (bits - count)) & ((1 << bits) - 1)
