"""The main server and the virtual hosts of one configuration (server/core.c, server/vhost.c)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from hostprobe.facts.httpd import Configuration, Directive, Where

TRANSPARENT = frozenset({"<limit", "<limitexcept"})
"""Sections whose content belongs to what is around them."""


@dataclass(frozen=True, slots=True)
class Server:
    """One server_rec: the main server or a VirtualHost."""

    name: str
    """Host of ServerName; a virtual host without one has the main server's; "" for none."""

    port: int | None
    """Port of ServerName, else of the first address, else of the first Listen."""

    aliases: tuple[str, ...]
    """ServerAlias words in order."""

    addresses: tuple[str, ...]
    """Arguments of <VirtualHost>; Listen arguments for the main server."""

    directives: tuple[Directive, ...]
    """Its own directives and sections, without the virtual hosts."""

    where: Where | None
    """The <VirtualHost> line; None for the main server."""

    is_main: bool
    inherited: tuple[Directive, ...] = field(default=(), repr=False)
    """The main server's directives; empty for the main server itself."""

    def __str__(self) -> str:
        """ServerName[:port unless 80 or 443], as mod_wsgi names it."""
        return self.name if self.port in {None, 80, 443} else f"{self.name}:{self.port}"


def servers(configuration: Configuration) -> tuple[Server, ...]:
    """The main server first, then every VirtualHost in the order of the configuration."""
    top = configuration.directives
    own = tuple([directive for directive in top if directive.key != "<virtualhost"])
    listens = tuple(words[0] for words in arguments(own, "listen") if words)
    name, port = name_and_port(own)
    main = Server(
        name=name,
        port=port or first_port(listens),
        aliases=aliases(own),
        addresses=listens,
        directives=own,
        where=None,
        is_main=True,
    )
    hosts = [host for host in top if host.key == "<virtualhost"]
    return (main, *[virtual_host(host, main) for host in hosts])


def virtual_host(section: Directive, main: Server) -> Server:
    """The server of one <VirtualHost> section."""
    own = section.children or ()
    name, port = name_and_port(own)
    return Server(
        name=name or main.name,
        port=port or first_port(section.args) or main.port,
        aliases=aliases(own),
        addresses=section.args,
        directives=own,
        where=section.where,
        is_main=False,
        inherited=main.directives,
    )


def arguments(directives: Iterable[Directive], key: str) -> Iterator[tuple[str, ...]]:
    """Arguments of every simple directive `key`, in order."""
    return (directive.args for directive in directives if directive.key == key)


def aliases(directives: Iterable[Directive]) -> tuple[str, ...]:
    """All words of all ServerAlias directives."""
    return tuple(word for words in arguments(directives, "serveralias") for word in words)


def name_and_port(directives: Iterable[Directive]) -> tuple[str, int | None]:
    """The last ServerName `[scheme://]host[:port]`; ("", None) without one."""
    text = ""
    for words in arguments(directives, "servername"):
        text = words[0] if words else text
    host = text.rpartition("://")[2]
    return (host_of(host), port_of(host))


def host_of(address: str) -> str:
    """The address without its port; brackets of IPv6 stay."""
    host, colon, port = address.rpartition(":")
    return host if colon and port.isdecimal() and not host.endswith(":") else address


def port_of(address: str) -> int | None:
    """The port of `host:port`; None without one, or for `:*`."""
    port = address[len(host_of(address)) :].removeprefix(":")
    return int(port[:6]) if port.isdecimal() and port.isascii() else None


def first_port(addresses: Iterable[str]) -> int | None:
    """The first port among addresses; Listen's bare number is a port too."""
    for address in addresses:
        port = int(address[:6]) if address.isascii() and address.isdecimal() else port_of(address)
        if port:
            return port
    return None


def server_root(configuration: Configuration) -> str:
    """The ServerRoot that holds at the end of the reading: relative paths are joined to it."""
    for directive in reversed(configuration.directives):
        if directive.key == "serverroot" and directive.args:
            return directive.args[0]
    return configuration.start.server_root
