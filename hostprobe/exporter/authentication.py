"""Basic authentication: right passwords are known again, wrong ones cost little processor time."""

import asyncio
import secrets
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from enum import Enum
from hmac import digest
from ipaddress import IPv6Address, ip_address
from time import monotonic

from hostprobe.exporter.bcrypt import cost, is_password

MOST_WAITING = 8
"""Passwords that wait for the one thread which computes bcrypt."""

MOST_VERIFIED = 64
MOST_CLIENTS = 4096
BURST, REFILL_SECONDS = 5, 2.0
"""Wrong passwords of one client: so many at once, then one in so many seconds."""


class Verdict(Enum):
    """What becomes of a request."""

    ALLOWED = "allowed"
    ASKED = "asked"
    """No credentials, or none that can be read."""

    REFUSED = "refused"
    LATER = "later"
    """Not looked at: too many wrong ones came before."""


class BasicAuth:
    """Names and bcrypt hashes; without any, everybody is allowed."""

    def __init__(self, users: Mapping[str, str]) -> None:
        self._users = users
        self._slowest = max(users.values(), key=cost, default="")
        self._secret = secrets.token_bytes(32)
        self._verified: dict[bytes, None] = {}
        self._attempts = Attempts()
        self._waiting = 0
        self._thread = ThreadPoolExecutor(1, "bcrypt")

    async def verdict(self, header: str | None, client: str) -> Verdict:
        """Of one Authorization header."""
        if not self._users:
            return Verdict.ALLOWED
        pair = credentials(header)
        if pair is None:
            return Verdict.ASKED
        mark = digest(self._secret, b"\0".join(pair), "sha256")
        if mark in self._verified:
            return Verdict.ALLOWED
        if self._waiting >= MOST_WAITING or not self._attempts.take(client):
            return Verdict.LATER
        if not await self._is_right(*pair):
            return Verdict.REFUSED
        self._attempts.give_back(client)
        self._remember(mark)
        return Verdict.ALLOWED

    async def _is_right(self, name: bytes, password: bytes) -> bool:
        """An unknown name takes the time of the slowest known one."""
        hashed = self._users.get(name.decode("utf-8", "replace"))
        self._waiting += 1
        try:
            loop = asyncio.get_running_loop()
            fits = await loop.run_in_executor(
                self._thread, is_password, password, hashed or self._slowest
            )
        finally:
            self._waiting -= 1
        return fits and hashed is not None

    def _remember(self, mark: bytes) -> None:
        if len(self._verified) >= MOST_VERIFIED:
            del self._verified[next(iter(self._verified))]
        self._verified[mark] = None


def credentials(header: str | None) -> tuple[bytes, bytes] | None:
    """Name and password of `Basic ...`; None for anything else."""
    scheme, _, code = (header or "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        name, colon, password = b64decode(code.strip(), validate=True).partition(b":")
    except (Base64Error, ValueError):
        return None
    return (name, password) if colon and b"\0" not in name else None


class Attempts:
    """A bucket of tokens for each client: an IPv4 address or an IPv6 network of 64 bits."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._buckets: dict[str, tuple[float, float]] = {}

    def take(self, client: str) -> bool:
        """One token; False when there is none."""
        tokens, now = self._tokens(client)
        if tokens < 1:
            return False
        self._put(client, tokens - 1, now)
        return True

    def give_back(self, client: str) -> None:
        """The attempt was none."""
        tokens, now = self._tokens(client)
        self._put(client, tokens + 1, now)

    def _tokens(self, client: str) -> tuple[float, float]:
        now = self._clock()
        tokens, since = self._buckets.get(network(client), (float(BURST), now))
        return min(float(BURST), tokens + (now - since) / REFILL_SECONDS), now

    def _put(self, client: str, tokens: float, now: float) -> None:
        """The client that tried longest ago is forgotten first."""
        self._buckets.pop(network(client), None)
        if len(self._buckets) >= MOST_CLIENTS:
            del self._buckets[next(iter(self._buckets))]
        self._buckets[network(client)] = (tokens, now)


def network(client: str) -> str:
    """Who counts as one client."""
    address = ip_address(client.partition("%")[0])
    if isinstance(address, IPv6Address) and address.ipv4_mapped is None:
        return str(IPv6Address(int(address) >> 64 << 64))
    return client
