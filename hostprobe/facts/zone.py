"""Time zones: what a compiled zone file says."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ZoneFile:
    """One TZif file (RFC 8536)."""

    first: int
    """Offset from UTC before the first transition, in seconds, positive east of Greenwich."""

    transitions: tuple[tuple[int, int], ...]
    """Seconds since the epoch, and the offset from then on."""

    rule: str
    """What holds after the last transition, in the form of the variable TZ; "" for nothing."""
