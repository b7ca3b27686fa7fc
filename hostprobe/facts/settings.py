"""What the administrator wrote in hostprobe.toml: a dataclass per table, a field per key."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Waiver:
    """One finding, or several, that the administrator has judged and lives with."""

    check: str
    """Id of a check; globs are allowed."""

    subject: str
    """A glob that the finding's subject matches."""

    reason: str
    """Why it is no fault here; reports print it."""

    expires: str | None = None
    """The last day on which it holds, YYYY-MM-DD; None for no end."""


@dataclass(frozen=True, slots=True)
class ScanSettings:
    """`[scan]`: what an option of the command line would say, for every scan of this host."""

    select: tuple[str, ...] = ()
    """Ids of checks; empty for all."""

    ignore: tuple[str, ...] = ()
    """Ids of checks that are left out."""

    fail_on: str = "high"
    """The severity from which on the exit status is 1."""


@dataclass(frozen=True, slots=True)
class StateSettings:
    """`[state]`: where reports are kept."""

    directory: str = "/var/lib/hostprobe"
    keep: int = 50
    """Reports in the history, the last one included."""


@dataclass(frozen=True, slots=True)
class TlsServerSettings:
    """`[exporter.tls_server_config]`, named as in Prometheus' exporter-toolkit."""

    cert_file: str | None = None
    """PEM: the certificate and those of its issuers; read again when it changes."""

    key_file: str | None = None
    """PEM: its key."""

    client_auth_type: str = "NoClientCert"
    """NoClientCert, VerifyClientCertIfGiven or RequireAndVerifyClientCert."""

    client_ca_file: str | None = None
    """PEM: who issues the certificates of clients."""

    min_version: str = "TLS12"
    """TLS12 or TLS13."""


@dataclass(frozen=True, slots=True)
class ExporterSettings:
    """`[exporter]`: where `hostprobe exporter` listens, and to whom it answers."""

    listen_address: tuple[str, ...] = ("127.0.0.1:19460",)
    """`host:port`, `[IPv6]:port`, `:port` for every address."""

    tls_server_config: TlsServerSettings = field(default_factory=TlsServerSettings)
    basic_auth_users: Mapping[str, str] = field(default_factory=dict)
    """Name -> bcrypt hash, as htpasswd -nB prints it; empty for no passwords."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that can be set."""

    scan: ScanSettings = field(default_factory=ScanSettings)
    state: StateSettings = field(default_factory=StateSettings)
    exporter: ExporterSettings = field(default_factory=ExporterSettings)
    waiver: tuple[Waiver, ...] = ()
