import asyncio
from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostprobe.exporter import authentication as module
from hostprobe.exporter.authentication import (
    BURST,
    MOST_CLIENTS,
    REFILL_SECONDS,
    Attempts,
    BasicAuth,
    Verdict,
    credentials,
    network,
)

USERS = {"ann": "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"}


def basic(name, password):
    return "Basic " + b64encode(f"{name}:{password}".encode()).decode()


@pytest.fixture
def computed(monkeypatch):
    """The hashes that bcrypt was computed for."""
    made = []

    def is_password(password, hashed, real=module.is_password):
        made.append(hashed)
        return real(password, hashed)

    monkeypatch.setattr(module, "is_password", is_password)
    return made


def verdicts(auth, *tries, client="192.0.2.1"):
    async def ask():
        return [await auth.verdict(header, client) for header in tries]

    return asyncio.run(ask())


def test_without_users_everybody_is_allowed():
    assert verdicts(BasicAuth({}), None, "nonsense") == [Verdict.ALLOWED] * 2


def test_the_right_pair_is_computed_once(computed):
    auth = BasicAuth(USERS)
    assert verdicts(auth, *[basic("ann", "U*U")] * 20) == [Verdict.ALLOWED] * 20
    assert len(computed) == 1


def test_an_unknown_user_is_computed_as_a_known_one(computed):
    auth = BasicAuth(USERS)
    assert verdicts(auth, basic("bob", "U*U"), basic("ann", "x")) == [Verdict.REFUSED] * 2
    assert computed == [USERS["ann"]] * 2


def test_a_client_that_guesses_is_put_off_and_another_is_not(computed):
    auth = BasicAuth(USERS)
    wrong = [basic("ann", str(number)) for number in range(50)]
    assert set(verdicts(auth, *wrong)[BURST:]) == {Verdict.LATER}
    assert len(computed) <= BURST + 2
    assert verdicts(auth, basic("ann", "U*U")) == [Verdict.LATER]
    assert verdicts(auth, basic("ann", "U*U"), client="192.0.2.2") == [Verdict.ALLOWED]
    assert verdicts(auth, basic("ann", "U*U")) == [Verdict.ALLOWED]


def test_a_crowd_waits_for_one_thread_only_so_long(computed):
    auth = BasicAuth(USERS)

    async def crowd():
        tries = (auth.verdict(basic("ann", n), f"198.51.100.{n}") for n in range(200))
        return await asyncio.gather(*tries)

    answers = asyncio.run(crowd())
    assert answers.count(Verdict.REFUSED) == len(computed) == module.MOST_WAITING
    assert answers.count(Verdict.LATER) == 200 - module.MOST_WAITING


@pytest.mark.parametrize(
    "header",
    [None, "", "Basic", "Basic ", "Basic !!!", "Basic YW5u", "Bearer YW5uOng=", "Basic YQBhOmI="],
)
def test_what_are_no_credentials_costs_nothing(header, computed):
    assert verdicts(BasicAuth(USERS), header) == [Verdict.ASKED]
    assert computed == []


@given(st.text())
def test_credentials_are_two_texts_or_none(header):
    assert credentials(header) is None
    pair = credentials("basic " + b64encode(b"a:" + header.encode("utf-8", "replace")).decode())
    assert pair == (b"a", header.encode("utf-8", "replace"))


def test_tokens_come_back_with_time():
    now = [0.0]
    attempts = Attempts(lambda: now[0])
    assert [attempts.take("192.0.2.1") for _ in range(BURST + 1)] == [True] * BURST + [False]
    now[0] = REFILL_SECONDS
    assert [attempts.take("192.0.2.1") for _ in range(2)] == [True, False]
    attempts.give_back("192.0.2.1")
    assert attempts.take("192.0.2.1")


def test_the_table_of_clients_has_an_end():
    attempts = Attempts(lambda: 0.0)
    for number in range(MOST_CLIENTS + 10):
        attempts.take(f"10.0.{number >> 8}.{number & 255}")
    assert len(attempts._buckets) == MOST_CLIENTS


@pytest.mark.parametrize(
    ("client", "known_as"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::"),
        ("fe80::1%eth0", "fe80::"),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.1"),
    ],
)
def test_an_ipv6_client_is_its_network(client, known_as):
    assert network(client) == known_as
