"""What the administrator wrote in hostprobe.toml: a dataclass per table, a field per key.

A value of the right type that makes no sense is a ValueError, whose message begins with the key.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from hostprobe.facts.report import SEVERITIES

MOST_KEPT = 10_000
FOREVER = 10_000_000


def require(condition: object, message: str) -> None:
    """ValueError with the message unless the condition holds."""
    if not condition:
        raise ValueError(message)


@dataclass(frozen=True, slots=True)
class Waiver:
    """One finding, or several, that the administrator has judged and lives with."""

    check: str
    """Id of a check; globs are allowed."""

    subject: str
    """A glob that the finding's subject matches."""

    reason: str
    """Why it is no fault here; reports print it."""

    expires: date | None = None
    """The last day on which it holds, by this host's calendar; None for no end."""

    def __post_init__(self) -> None:
        for key in ("check", "subject", "reason"):
            require(getattr(self, key).strip(), f"{key} is empty")


@dataclass(frozen=True, slots=True)
class ScanSettings:
    """`[scan]`: what an option of the command line would say, for every scan of this host."""

    select: tuple[str, ...] = ()
    """Ids of checks; empty for all."""

    ignore: tuple[str, ...] = ()
    """Ids of checks that are left out."""

    fail_on: str = "high"
    """The severity from which on the exit status is 1."""

    def __post_init__(self) -> None:
        require(self.fail_on in SEVERITIES, f"fail_on must be one of {', '.join(SEVERITIES)}")


@dataclass(frozen=True, slots=True)
class StateSettings:
    """`[state]`: where reports are kept."""

    directory: str = "/var/lib/hostprobe"
    keep: int = 50
    """Reports in the history, the last one included."""

    def __post_init__(self) -> None:
        is_absolute = self.directory.startswith("/") and "\0" not in self.directory
        require(is_absolute, "directory must be an absolute path")
        require(1 <= self.keep <= MOST_KEPT, f"keep must be a number from 1 to {MOST_KEPT}")


@dataclass(frozen=True, slots=True)
class AgentSettings:
    """`[agent]`: when the agent scans, and what one scan may take."""

    interval: float = 3600.0
    """Seconds from one regular scan to the next."""

    debounce: float = 10.0
    """Seconds without another change before a change leads to a scan."""

    timeout: float = 600.0
    """Seconds, of the clock as of the processor, after which a scan is ended."""

    memory: int = 2048
    """Megabytes of address space for a scan."""

    def __post_init__(self) -> None:
        require(1 <= self.interval < FOREVER, f"interval must be from 1 to {FOREVER} seconds")
        require(0 < self.debounce < FOREVER, f"debounce must be from 0 to {FOREVER} seconds")
        require(1 <= self.timeout < FOREVER, f"timeout must be from 1 to {FOREVER} seconds")
        require(64 <= self.memory < FOREVER, f"memory must be from 64 to {FOREVER} megabytes")


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
    waiver: tuple[Waiver, ...] = ()
    exporter: ExporterSettings = field(default_factory=ExporterSettings)
    agent: AgentSettings = field(default_factory=AgentSettings)
