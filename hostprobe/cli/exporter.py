"""`hostprobe exporter`: serve the last report until a signal ends it."""

import asyncio
import gc
import os
import signal
import socket
import sys
from argparse import Namespace
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any

from hostprobe.agent.state import State
from hostprobe.cli.errors import UsageError
from hostprobe.cli.settings import settings_of
from hostprobe.cli.stored import state_of
from hostprobe.exporter.address import Address, AddressError, listen, parse_address
from hostprobe.exporter.authentication import BasicAuth
from hostprobe.exporter.bcrypt import NoLibraryError, cost, library
from hostprobe.exporter.server import Server
from hostprobe.exporter.site import Site
from hostprobe.exporter.stored import LastReport
from hostprobe.exporter.tls import Certificates, TlsError
from hostprobe.facts.settings import ExporterSettings
from hostprobe.report.escape import escape


def exporter(options: Namespace) -> int:
    """Listen; UsageError for what cannot work. The process ends with 0 after SIGTERM or SIGINT."""
    gc.enable()  # unlike every other command this one runs for months
    settings = settings_of(options)
    site, certificates = prepared(settings.exporter, state_of(options, settings))
    addresses = options.listen_address or settings.exporter.listen_address
    try:
        listeners = list(opened(addresses, settings.exporter))
    except AddressError as error:
        raise UsageError(str(error)) from error
    asyncio.run(run(Server(site.respond, certificates.context), listeners))
    os._exit(0)  # a thread may still make the page of a large report, for nobody


def prepared(settings: ExporterSettings, state: State) -> tuple[Site, Certificates]:
    """What answers; UsageError for settings that cannot work."""
    users = settings.basic_auth_users
    try:
        check_users(users)
        certificates = Certificates(settings.tls_server_config, log)
    except (TlsError, NoLibraryError) as error:
        raise UsageError(str(error)) from error
    return Site(LastReport(state.last_path, log), BasicAuth(users), log), certificates


def check_users(users: Mapping[str, str]) -> None:
    """UsageError for a hash that no password can match; NoLibraryError."""
    for name, hashed in users.items():
        try:
            cost(hashed)
        except ValueError as error:
            raise UsageError(f"exporter.basic_auth_users.{name}: {error}") from error
    if users:
        library()


def opened(addresses: Iterable[str], settings: ExporterSettings) -> Iterator[socket.socket]:
    """Every listener; UsageError where passwords would cross a network unencrypted."""
    is_plain = settings.tls_server_config.cert_file is None
    for text in addresses:
        address = parse_address(text)
        if is_plain and not address.is_loopback:
            require_no_password(address, settings)
        listener = listen(address)
        host, port, *_ = listener.getsockname()
        log(f"listening on {'http' if is_plain else 'https'}://{shown(host)}:{port}")
        yield listener


def require_no_password(address: Address, settings: ExporterSettings) -> None:
    """Without TLS on a network: a warning, and with passwords a refusal."""
    where = f"{address.host}:{address.port}"
    if settings.basic_auth_users:
        raise UsageError(
            f"{where} is no loopback address, and basic_auth_users without tls_server_config "
            "would send passwords in the clear"
        )
    log(f"warning: everybody who reaches {where} can read what is wrong with this host")


def shown(host: str) -> str:
    """As it stands in a URL."""
    return f"[{host}]" if ":" in host else host


async def run(server: Server, listeners: list[socket.socket]) -> None:
    """Until SIGTERM or SIGINT."""
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: log(complaint(context)))
    serving = asyncio.ensure_future(server.serve(listeners))
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, serving.cancel)
    with suppress(asyncio.CancelledError):
        await serving


def complaint(context: Mapping[str, Any]) -> str:
    """What the event loop has to say, in one line."""
    return f"{context['message']}: {context.get('exception')!r}"


def log(text: str) -> None:
    """One line on stderr, whatever a client sent."""
    sys.stderr.write(f"hostprobe exporter: {escape(text)}\n")
    sys.stderr.flush()
