"""What httpd's error log says, as far as a known signature tells it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LogMatch:
    """One signature, about one script, process group or object."""

    signature: str
    """Id of a row of hostprobe/facts/signatures."""

    script: str
    """Path of the WSGI script that the lines are about; "" where they do not tell."""

    group: str
    """Name of the daemon process group; "" where they do not tell."""

    thing: str
    """Path of the shared object or file that the line names; "" for none."""

    count: int
    recent: int
    """How many of them are newer than the last complete start of httpd in this file."""

    first: str
    """Time of the first one as the log writes it, "2026-03-01 12:00:00"; "" where it does not."""

    last: str
    sample: str
    """The last one, without its brackets, clients and secrets, at most 300 characters."""


@dataclass(frozen=True, slots=True)
class ErrorLog:
    """The matches of the end of one error log."""

    matches: tuple[LogMatch, ...]
    """In the order of their first occurrence."""

    size: int
    """Bytes that were looked at, uncompressed."""

    skipped: int = 0
    """Bytes in front of them that were not."""

    has_start: bool = False
    """httpd was completely started while this file was written."""

    is_cut: bool = False
    """There were more different matches than are kept, or a line longer than is looked at."""


@dataclass(frozen=True, slots=True)
class LogClock:
    """How the time goes in the end of an error log."""

    steps_back: tuple[tuple[int, int], ...]
    """(quarters of an hour, rounded up; how often): a line whose time is before that of the line
    above it."""
