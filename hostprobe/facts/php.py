"""php.ini (zend_ini_scanner): entries in order."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PhpIni:
    """One ini file."""

    entries: tuple[tuple[str, str, int], ...]
    """(key, value with quotes and constants resolved, line from 1), global section only:
    [HOST=] and [PATH=] sections do not apply at start-up."""
