"""Unit files and drop-ins (systemd.syntax(7))."""

from hostprobe.facts.systemd import UnitFile

MOST_SETTINGS = 2_000


def parse_unit(data: bytes) -> UnitFile:
    """Settings of [Service]: continued lines joined by a blank, comments left out."""
    section = pending = ""
    settings: list[tuple[str, str]] = []
    for raw in data.decode("utf-8", "surrogateescape").split("\n"):
        line = raw.strip()
        if line.startswith(("#", ";")) or (not line and not pending):
            continue
        if line.endswith("\\"):
            pending += line[:-1].rstrip() + " "
            continue
        line, pending = pending + line, ""
        if line.startswith("["):
            section = line
        elif section == "[Service]" and len(settings) < MOST_SETTINGS:
            key, _, value = line.partition("=")
            settings.append((key.strip(), value.strip()))
    return UnitFile(tuple(settings))
