"""One known line of the error log."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Signature:
    """One row."""

    id: str
    severity: str
    """Name of a Severity: how bad it is while it goes on."""

    meaning: str
    """One sentence for the reader of a finding."""

    texts: tuple[str, ...] = ()
    """Regular expressions for one line."""

    codes: tuple[int, ...] = ()
    """Of mod_wsgi 6."""

    checks: tuple[str, ...] = ()
    """Ids of the checks that look for the cause on the host."""

    names: str = ""
    """What the first group of a text is: "thing" or "pid"; "" for no meaning."""
