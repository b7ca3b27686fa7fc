"""What the administrator wrote in hostprobe.toml: a dataclass per table, a field per key."""

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


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that can be set."""

    scan: ScanSettings = field(default_factory=ScanSettings)
    state: StateSettings = field(default_factory=StateSettings)
    agent: AgentSettings = field(default_factory=AgentSettings)
    waiver: tuple[Waiver, ...] = ()
