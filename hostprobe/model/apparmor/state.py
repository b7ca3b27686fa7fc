"""Whether AppArmor is there, and which profiles are enforced."""

from hostprobe.facts.apparmor import LoadedProfiles, ModuleSwitch
from hostprobe.facts.files import Absent, Files, Missing, is_directory

SWITCH = "/sys/module/apparmor/parameters/enabled"
PROFILES = "/etc/apparmor.d"
LOADED = "/sys/kernel/security/apparmor/profiles"


def apparmor_state(files: Files, *, is_live: bool) -> ModuleSwitch | Missing | Absent:
    """Absent where the kernel does without it, or a mounted root has no profiles."""
    if not is_live:
        if is_directory(files, PROFILES):
            return ModuleSwitch(True)  # noqa: FBT003  it has one field
        return Absent(f"there is no {PROFILES}: the root has no AppArmor")
    switch = files.read(SWITCH, ModuleSwitch)
    if isinstance(switch, Missing) and switch.not_found:
        return Absent("the kernel of this host has no AppArmor")
    if isinstance(switch, ModuleSwitch) and not switch.is_on:
        return Absent("AppArmor is switched off in the kernel of this host")
    return switch


def loaded_profiles(files: Files) -> LoadedProfiles | Missing:
    """What the kernel has, with its mode; only root may see it."""
    return files.read(LOADED, LoadedProfiles)
