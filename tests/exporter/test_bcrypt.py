"""Vectors of the bcrypt authors' own test program (crypt_blowfish's wrapper.c)."""

import pytest

from hostprobe.exporter.bcrypt import cost, is_password

VECTORS = [
    (b"U*U", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"),
    (b"U*U*", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/Z0DY336zx7pLYAy0lwK"),
    (b"U*U*U", "$2a$05$XXXXXXXXXXXXXXXXXXXXXOAcXxm9kjPGEMsLznoKqmqw7tc8WCx4a"),
    (b"\xff\xff\xa3", "$2y$05$/OK.fbVrR/bpIqNJ5ianF.CE5elHaaO4EbggVDjb8P19RukzXSM3e"),
    (b"", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.7uG0VCzI2bS7j6ymqJi9CdcdxiRTWNy"),
]


@pytest.mark.parametrize(("password", "hashed"), VECTORS)
def test_the_password_and_no_other_fits(password, hashed):
    assert is_password(password, hashed)
    assert not is_password(password + b"x", hashed)


def test_a_password_does_not_end_at_nul():
    assert not is_password(b"U*U\0anything", VECTORS[0][1])


@pytest.mark.parametrize(
    ("hashed", "message"),
    [
        ("", "not a bcrypt hash"),
        ("secret", "not a bcrypt hash"),
        ("$6$salt$" + "x" * 86, "not a bcrypt hash"),
        ("$2y$05$short", "not a bcrypt hash"),
        ("$2y$05$" + "C" * 53 + "\n", "not a bcrypt hash"),
        ("$2y$03$" + "C" * 53, "a bcrypt cost of 3"),
        ("$2y$15$" + "C" * 53, "a bcrypt cost of 15; 4 to 14 are taken"),
    ],
)
def test_what_could_never_fit_or_would_take_too_long_is_refused(hashed, message):
    with pytest.raises(ValueError, match=message):
        cost(hashed)


def test_the_cost_of_a_hash():
    assert [cost(hashed) for _, hashed in VECTORS] == [5] * len(VECTORS)
