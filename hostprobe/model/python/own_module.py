"""An application's own modules, and the Django settings that it names."""

from dataclasses import dataclass
from enum import StrEnum


class Reached(StrEnum):
    """By what a file of an application's own code is executed."""

    SCRIPT = "script"
    """It is the WSGI script."""

    IMPORT = "import"
    """Imported while the script is loaded."""

    SETTINGS = "settings"
    """Imported by Django, because DJANGO_SETTINGS_MODULE names it or a module that imports it."""

    DEFERRED = "deferred"
    """Imported by a function."""

    BESIDE = "beside"
    """It lies in the application's directories; whether anything imports it is not known."""


@dataclass(frozen=True, slots=True)
class OwnModule:
    """One file of an application's own code."""

    path: str
    name: str
    """Dotted; "" for the script."""

    reached: Reached

    @property
    def runs_at_start(self) -> bool:
        """Its import-time code runs before, or with, the first request."""
        return self.reached in (Reached.SCRIPT, Reached.IMPORT, Reached.SETTINGS)


@dataclass(frozen=True, slots=True)
class Part:
    """Lines of one file that bind settings, between two star imports."""

    path: str
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class DjangoSettings:
    """The module that DJANGO_SETTINGS_MODULE names."""

    module: str
    path: str
    parts: tuple[Part, ...]
    """In the order of execution."""

    is_complete: bool
    """A name that no part binds is not set; False: it may be, in a way that cannot be followed."""
