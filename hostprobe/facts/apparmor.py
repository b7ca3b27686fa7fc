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
