"""Capabilities of an executable file (capabilities(7))."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FileCapabilities:
    """The extended attribute security.capability."""

    permitted: int
    """One bit per capability, CAP_CHOWN the lowest."""

    is_effective: bool
    """They are raised at once."""
