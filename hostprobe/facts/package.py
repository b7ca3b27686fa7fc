"""Which package owns a file."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PackageVersions:
    """dpkg's status file: installed packages."""

    versions: tuple[tuple[str, str], ...]
    """(name or name:architecture as the list file is called, version)."""


@dataclass(frozen=True, slots=True)
class Owner:
    """A package, as an administrator names it."""

    manager: str
    """dpkg, rpm or wheel."""

    name: str
    version: str

    def __str__(self) -> str:
        return f"{self.name} {self.version}".strip()
