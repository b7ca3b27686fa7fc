"""The hashes, with the vectors of their authors."""

import pytest

from hostprobe.parse.journal.hashes import lookup3, siphash24

KEY = bytes(range(16))


@pytest.mark.parametrize(
    ("size", "expected"),
    [(0, 0x726FDB47DD0E0E31), (8, 0x93F5F5799A932462), (15, 0xA129CA6149BE45E5)],
)
def test_siphash_gives_the_vectors_of_its_paper(size, expected):
    assert siphash24(KEY, bytes(range(size))) == expected


@pytest.mark.parametrize(
    ("data", "expected"),
    [(b"", 0xDEADBEEFDEADBEEF), (b"Four score and seven years ago", 0x17770551CE7226E6)],
)
def test_lookup3_gives_the_values_of_its_self_test(data, expected):
    assert lookup3(data) == expected
