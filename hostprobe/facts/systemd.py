"""systemd's unit files, as far as they say how httpd is started."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class UnitFile:
    """A unit or a drop-in: the settings of its [Service] section in order."""

    settings: tuple[tuple[str, str], ...]
    """(key, value); an empty value takes back what the key said before."""
