"""Which package owns a file, as findings name it."""

from hostprobe.facts.files import Files, Missing
from hostprobe.facts.package import Owner


def owner(files: Files, path: str) -> Owner | None:
    """The dpkg package or wheel that installed the file; None when nobody says."""
    found = files.read(path, Owner)
    return None if isinstance(found, Missing) else found
