"""Random damage to files: bits, numbers, blocks, ends, hostile texts, pieces of another seed."""

from typing import NamedTuple

LARGEST = 64 << 10
"""Bytes; a mutated input never grows beyond."""

HOSTILE = (
    b"", b"\0", b"\n", b"\r\n", b"\\\n", b"\\", b'"', b"'", b"${", b"${X}", b"$(", b"`",
    b"%{GLOBAL}",
    b"\x1b[2J", b"\xff\xfe", b"\xef\xbb\xbf", b"\xed\xa0\x80", b"\xf0\x9f\x90\x8d",
    b"\xe2\x80\xae",
    b"../" * 40, b"/" * 200, b"(" * 250, b"[" * 2_000, b"{" * 250, b"-" * 3_000, b"A" * 5_000,
    b"\\" * 2_001, b'"' * 2_001, b"'" * 2_001, b"$" * 2_001, b"${a" * 500, b"\n" * 2_000,
    b" " * 3_000, b"\t" * 300, b"%s%n", b"-1", b"0", b"18446744073709551616", b"1e400", b"NaN",
    b"9" * 5_000, b"true", b"null", b"=", b"==", b":", b";", b"#", b"<", b">", b"*" * 300, b"?",
)  # fmt: skip
"""Inserted somewhere; what is special in one format is an ordinary text in the others."""


class Seed(NamedTuple):
    """A file that parses."""

    data: bytes
    hot: tuple[range, ...] = ()
    """Where damage tells most; empty: everywhere."""


def mutated(random, seeds, words):
    """One damaged input; `words` are special to its format."""
    seed = random.choice(seeds)
    data = bytearray(seed.data)
    for _ in range(1 + int(random.expovariate(0.6))):
        damage = random.choice(DAMAGES)
        damage(random, data, place(random, seed, data), (seeds, words))
    return bytes(data[:LARGEST])


def place(random, seed, data):
    if seed.hot and random.random() < 0.8:
        return min(random.choice(random.choice(seed.hot)), len(data))
    return random.randrange(len(data) + 1)


def length(random):
    """Of a block: mostly short."""
    return 1 + int(random.expovariate(1 / 40))


def flip(random, data, at, _):
    if at < len(data):
        data[at] ^= 1 << random.randrange(8)


def octet(random, data, at, _):
    data[at : at + 1] = bytes((random.randrange(256),))


def number(random, data, at, _):
    """An aligned integer becomes 0, 1, the largest, the most negative, a size, a neighbour."""
    size = random.choice((1, 2, 4, 4, 8, 8))
    at -= at % size
    order = "little" if random.random() < 0.9 else "big"
    old = int.from_bytes(data[at : at + size], order)
    values = (0, 1, -1, 1 << (8 * size - 1), (1 << (8 * size - 1)) - 1, len(data), len(data) - 1)
    values += (old + 1, old - 1, old * 2, random.randrange(1 << 16), 1_000_000_000, at)
    value = random.choice(values) % (1 << (8 * size))
    data[at : at + size] = value.to_bytes(size, order)


def remove(random, data, at, _):
    del data[at : at + length(random)]


def copy(random, data, at, _):
    start = random.randrange(len(data) + 1)
    data[at:at] = data[start : start + length(random)]


def repeat(random, data, at, _):
    data[at:at] = data[at : at + length(random)] * random.choice((2, 10, 100))


def overwrite(random, data, at, _):
    start = random.randrange(len(data) + 1)
    block = data[start : start + length(random)]
    data[at : at + len(block)] = block


def lines(random, data, at, _):
    """Whole lines move."""
    parts = data.split(b"\n")
    start, end = random.randrange(len(parts)), random.randrange(len(parts))
    count = random.randrange(1, 6)
    block = parts[start : start + count]
    if random.random() < 0.5:
        del parts[start : start + count]
    parts[end:end] = block
    data[:] = b"\n".join(parts)


def truncate(random, data, at, _):
    if random.random() < 0.3:
        del data[at:]


def splice(random, data, at, given):
    other = random.choice(given[0]).data
    data[at:] = other[random.randrange(len(other) + 1) if random.random() < 0.5 else at :]


def insert(random, data, at, given):
    data[at:at] = (
        random.choice(given[1] or HOSTILE) if random.random() < 0.6 else (random.choice(HOSTILE))
    )


def own_line(random, data, at, given):
    """A special word on a line of its own."""
    at = data.find(b"\n", at) + 1
    data[at:at] = random.choice(given[1] or HOSTILE) + b"\n"


DAMAGES = (
    flip, flip, octet, number, number, number, remove, copy, repeat, overwrite, lines, truncate,
    splice, insert, own_line,
)  # fmt: skip
