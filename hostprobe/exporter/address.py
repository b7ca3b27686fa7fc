"""Where to listen: `127.0.0.1:19460`, `[::1]:19460`, `localhost:19460`, `:19460` for everywhere."""

import socket
from dataclasses import dataclass
from ipaddress import ip_address

BACKLOG = 4096
"""Connections that the kernel holds while a crowd is let in."""


class AddressError(ValueError):
    """Not an address, or one that cannot be had; the message names it."""


@dataclass(frozen=True, slots=True)
class Address:
    """A host, empty for every address of this machine, and a port."""

    host: str
    port: int

    @property
    def is_loopback(self) -> bool:
        """Only this machine reaches it."""
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"


def parse_address(text: str) -> Address:
    """`host:port`; AddressError for anything else."""
    host, colon, port = text.rpartition(":")
    is_bracketed = host.startswith("[") and host.endswith("]")
    if not colon or not port.isascii() or not port.isdecimal() or int(port[:6]) > 0xFFFF:
        raise AddressError(f"{text!r} is not HOST:PORT")
    if ":" in host and not is_bracketed:
        raise AddressError(f"{text!r}: write an IPv6 address in brackets, [::1]:{port}")
    return Address(host[1:-1] if is_bracketed else host, int(port))


def listen(address: Address) -> socket.socket:
    """A listener that does not block; AddressError with the system's reason."""
    try:
        both = not address.host and socket.has_dualstack_ipv6()
        family = socket.AF_INET6 if both else family_of(address.host)
        listener = socket.create_server(
            (address.host, address.port), family=family, backlog=BACKLOG, dualstack_ipv6=both
        )
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise AddressError(f"{address.host}:{address.port}: {reason}") from error
    listener.settimeout(0)
    # Connections inherit it; else the end of an answer waits for the client's delayed ACK, 40 ms.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def family_of(host: str) -> int:
    """IPv6 only for a host that has no other address."""
    found = socket.getaddrinfo(host or "0.0.0.0", None, type=socket.SOCK_STREAM)  # noqa: S104
    families = {each[0] for each in found}
    return socket.AF_INET if socket.AF_INET in families else socket.AF_INET6
