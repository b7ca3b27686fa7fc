"""Which host this is."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class HostIdentity:
    """The head of every report."""

    name: str
    os: str
    """PRETTY_NAME of os-release, or "unknown"."""

    kernel: str | None
    """uname -r of the running kernel; None for a root that is not the running one."""

    arch: str
    root: str
    """"/" or the directory that was given with --root."""

    is_live: bool
    """The root is the running system's own."""

    privileged: bool
    """The scan could read everything (uid 0 or the two capabilities)."""
