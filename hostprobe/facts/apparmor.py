"""AppArmor as far as files tell: its switch, the loaded profiles, the texts of profiles."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ModuleSwitch:
    """A module's parameter of type bool in /sys/module."""

    is_on: bool


@dataclass(frozen=True, slots=True)
class LoadedProfiles:
    """securityfs's list of profiles."""

    modes: Mapping[str, str]
    """Name of the profile -> enforce, complain, kill, unconfined."""


@dataclass(frozen=True, slots=True)
class FileRule:
    """One rule about files."""

    pattern: str
    """As written, without its quotes: globs, alternations, @{variables}."""

    modes: str
    """Letters: r w a l k m x and those that say how to execute."""

    is_deny: bool = False


@dataclass(frozen=True, slots=True)
class Included:
    """`include <path>` or `include "path"`."""

    path: str
    """Relative to /etc/apparmor.d, or absolute."""


@dataclass(frozen=True, slots=True)
class Profile:
    """One profile or hat."""

    name: str
    """As the kernel lists it; a hat without its parent."""

    attachment: str | None
    """Pattern of the programs that it confines; None: only who asks for it."""

    flags: tuple[str, ...]
    rules: tuple[FileRule | Included, ...]
    inner: tuple["Profile", ...] = ()
    """Hats and profiles inside it."""

    allows_all: bool = False
    """A rule `file,`: everything."""


@dataclass(frozen=True, slots=True)
class ProfileText:
    """One file of /etc/apparmor.d, of profiles or to be included."""

    profiles: tuple[Profile, ...]
    rules: tuple[FileRule | Included, ...]
    """What stands outside of profiles: includes of its preamble, rules of an abstraction."""

    variables: tuple[tuple[str, tuple[str, ...], bool], ...]
    """Name, values, and whether they are added to those before."""

    allows_all: bool = False
    """A rule `file,` outside of profiles."""
