"""php.ini (zend_ini_scanner): entries in order; what is compiled into PHP."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PhpIni:
    """One ini file."""

    entries: tuple[tuple[str, str, int], ...]
    """(key, value, line from 1), global section only: [HOST=] and [PATH=] sections do not apply
    at start-up. Quotes are resolved, on/off words too; ${X} is kept."""


@dataclass(frozen=True, slots=True)
class PhpBuild:
    """Paths compiled into libphp (main/build-defs.h); None where the text was not found."""

    config_path: str | None
    """PHP_CONFIG_FILE_PATH: directory of php.ini."""

    scan_dir: str | None
    """PHP_CONFIG_FILE_SCAN_DIR; "" when none is compiled in."""

    extension_dir: str | None
    """PHP_EXTENSION_DIR."""
