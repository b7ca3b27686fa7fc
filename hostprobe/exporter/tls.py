"""The TLS side of a listener; a certificate that was renewed counts from the next connection on."""

import os
import ssl
from collections.abc import Callable, Mapping
from typing import TypeVar

from hostprobe.facts.settings import TlsServerSettings

Value = TypeVar("Value")

CLIENTS = {
    "NoClientCert": ssl.CERT_NONE,
    "VerifyClientCertIfGiven": ssl.CERT_OPTIONAL,
    "RequireAndVerifyClientCert": ssl.CERT_REQUIRED,
}
"""client_auth_type -> what Python's ssl does. It has no way to ask without verifying."""

VERSIONS = {"TLS12": ssl.TLSVersion.TLSv1_2, "TLS13": ssl.TLSVersion.TLSv1_3}


class TlsError(Exception):
    """A certificate, key or setting that cannot be used; the message says which."""


def make_context(settings: TlsServerSettings) -> ssl.SSLContext:
    """The context for one state of the files; TlsError."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = choice(VERSIONS, settings.min_version, "min_version")
    context.options |= ssl.OP_NO_RENEGOTIATION
    context.set_alpn_protocols(["http/1.1"])
    try:
        context.load_cert_chain(str(settings.cert_file), settings.key_file, no_password)
        if settings.client_ca_file:
            context.load_verify_locations(settings.client_ca_file)
    except OSError as error:
        reason = error.strerror or str(error)
        raise TlsError(f"{' and '.join(files(settings))}: {reason.lower()}") from error
    context.verify_mode = choice(CLIENTS, settings.client_auth_type, "client_auth_type")
    return context


def no_password() -> str:
    """OpenSSL would ask the terminal for that of an encrypted key."""
    raise TlsError("the key is encrypted: a service has nobody to ask for its password")


def choice(table: Mapping[str, Value], name: str, key: str) -> Value:
    """The value of a setting; TlsError with what is possible."""
    if name not in table:
        known = ", ".join(table)
        raise TlsError(f"exporter.tls_server_config.{key} is {name!r}; possible are {known}")
    return table[name]


def files(settings: TlsServerSettings) -> list[str]:
    """Every file that the context is made of."""
    names = (settings.cert_file, settings.key_file, settings.client_ca_file)
    return [name for name in names if name]


class Certificates:
    """The context of now."""

    def __init__(self, settings: TlsServerSettings, log: Callable[[str], None]) -> None:
        require_together(settings)
        self._settings = settings
        self._log = log
        self._state = self._seen()
        self._context = make_context(settings) if settings.cert_file else None

    def context(self) -> ssl.SSLContext | None:
        """None for plain HTTP. What cannot be loaded is logged, and the last one stays."""
        if self._context is not None and (state := self._seen()) != self._state:
            self._state = state
            try:
                self._context = make_context(self._settings)
                self._log("the certificate was read again")
            except TlsError as error:
                self._log(f"the certificate of before is kept: {error}")
        return self._context

    def _seen(self) -> list[tuple[int, int, int]]:
        """What changes when a file does; a file that is away has none."""
        return [stamp(name) for name in files(self._settings)]


def stamp(name: str) -> tuple[int, int, int]:
    """Inode, change time in nanoseconds, bytes; zeros for a file that cannot be asked."""
    try:
        status = os.stat(name)  # noqa: PTH116
    except OSError:
        return 0, 0, 0
    return status.st_ino, status.st_ctime_ns, status.st_size


def require_together(settings: TlsServerSettings) -> None:
    """TlsError for half a configuration, which would be served without the other half."""
    if bool(settings.cert_file) != bool(settings.key_file):
        raise TlsError("exporter.tls_server_config needs both cert_file and key_file")
    if settings.cert_file is None and settings != TlsServerSettings():
        raise TlsError("exporter.tls_server_config without cert_file would be plain HTTP")
    if (settings.client_auth_type != "NoClientCert") != bool(settings.client_ca_file):
        raise TlsError("client_ca_file and a client_auth_type that verifies go together")
