"""DT_GNU_HASH and DT_HASH: how many symbols there are and in which order look-ups meet them."""

from collections.abc import Sequence
from typing import NamedTuple

from hostprobe.parse.elf.image import Image
from hostprobe.parse.elf.limits import MAX_HASH_BUCKETS, MAX_SYMBOLS
from hostprobe.parse.error import ParseError

DT_HASH, DT_GNU_HASH = 4, 0x6FFFFEF5
CHAIN_WINDOW = 1_024


class HashedSymbols(NamedTuple):
    """What the hash table tells of the symbol table."""

    total: int
    """Symbols in the table as far as the hash table knows."""

    reachable: Sequence[int]
    """Indexes that a look-up can meet, each name's in the order of its chain."""


def hashed_symbols(image: Image, tags: dict[int, int]) -> HashedSymbols:
    """Read DT_GNU_HASH, else DT_HASH, as ld.so does; without either no look-up finds anything."""
    if DT_GNU_HASH in tags:
        return gnu_hash(image, tags[DT_GNU_HASH])
    if DT_HASH in tags:
        return sysv_hash(image, tags[DT_HASH])
    return HashedSymbols(0, ())


def check_buckets(count: int, what: str) -> None:
    """Refuse what no linker writes before memory is taken for it."""
    if count > MAX_HASH_BUCKETS:
        raise ParseError(f"{count} buckets in {what} are more than the limit of {MAX_HASH_BUCKETS}")


def check_symbols(count: int) -> None:
    """Refuse a count of symbols over the limit."""
    if count > MAX_SYMBOLS:
        raise ParseError(f"{count} symbols are more than the limit of {MAX_SYMBOLS}")


def gnu_hash(image: Image, address: int) -> HashedSymbols:
    """The symbols of one bucket are neighbours, so chain order is index order."""
    offset = image.locate(address, 16, "DT_GNU_HASH")
    bucket_count, first, bloom_count, _ = image.decoder.words(offset, 4)
    check_buckets(bucket_count, "DT_GNU_HASH")
    buckets_at = address + 16 + bloom_count * (image.decoder.header.elf_class // 8)
    buckets: Sequence[int] = ()
    if bucket_count:
        offset = image.locate(buckets_at, 4 * bucket_count, "the buckets of DT_GNU_HASH")
        buckets = image.decoder.words(offset, bucket_count)
    last = max(buckets, default=0)
    if last < first:
        check_symbols(first)
        return HashedSymbols(first, ())
    check_symbols(last)
    chains_at = buckets_at + 4 * bucket_count
    end = chain_end(image, chains_at, last - first) + first
    check_symbols(end)
    return HashedSymbols(end, range(first, end))


def chain_end(image: Image, address: int, index: int) -> int:
    """One more than the position of the first chain word from `index` on whose last bit is set."""
    offset, available = image.extent(address, "the chains of DT_GNU_HASH")
    words = min(available // 4, MAX_SYMBOLS)
    while index < words:
        window = image.decoder.words(offset + 4 * index, min(CHAIN_WINDOW, words - index))
        for word in window:
            index += 1
            if word & 1:
                return index
    raise ParseError("the last chain of DT_GNU_HASH has no end")


def sysv_hash(image: Image, address: int) -> HashedSymbols:
    """Chains may be in any order; linkers build them by putting each symbol in front."""
    size = image.decoder.hash_word_size
    offset = image.locate(address, 2 * size, "DT_HASH")
    bucket_count, count = image.decoder.hash_words(offset, 2)
    check_buckets(bucket_count, "DT_HASH")
    check_symbols(count)
    image.locate(address, (2 + bucket_count + count) * size, "DT_HASH")
    buckets = image.decoder.hash_words(offset + 2 * size, bucket_count)
    chains = image.decoder.hash_words(offset + (2 + bucket_count) * size, count)
    return HashedSymbols(count, chain_order(buckets, chains))


def chain_order(buckets: Sequence[int], chains: Sequence[int]) -> list[int]:
    """All symbols of all chains; a chain that meets a symbol again would never end."""
    order: list[int] = []
    seen = bytearray(len(chains))
    for bucket in buckets:
        index = bucket
        while index:
            if index >= len(chains):
                raise ParseError(f"DT_HASH names symbol {index} of {len(chains)}")
            if seen[index]:
                raise ParseError(f"the chains of DT_HASH meet symbol {index} twice")
            seen[index] = 1
            order.append(index)
            index = chains[index]
    return order
