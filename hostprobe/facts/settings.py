"""What the administrator wrote in hostprobe.toml: a dataclass per table, a field per key.

A value of the right type that makes no sense is a ValueError, whose message begins with the key.
"""

from dataclasses import dataclass, field
from datetime import date

SEVERITIES = ("critical", "high", "medium", "low", "info")
MOST_KEPT = 10_000


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
class Settings:
    """Everything that can be set."""

    scan: ScanSettings = field(default_factory=ScanSettings)
    state: StateSettings = field(default_factory=StateSettings)
    waiver: tuple[Waiver, ...] = ()
