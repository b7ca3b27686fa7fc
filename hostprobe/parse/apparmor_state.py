"""AppArmor in the kernel: a module parameter, and securityfs's list of profiles."""

import re

from hostprobe.facts.apparmor import LoadedProfiles, ModuleSwitch
from hostprobe.parse.error import ParseError

PROFILE = re.compile(rb"^(.+) \((\w+)\)$", re.MULTILINE)


def parse_module_switch(data: bytes) -> ModuleSwitch:
    """Y or N."""
    word = data.strip()
    if word not in {b"Y", b"N", b"1", b"0"}:
        raise ParseError("neither Y nor N")
    return ModuleSwitch(word in {b"Y", b"1"})


def parse_loaded_profiles(data: bytes) -> LoadedProfiles:
    """`name (mode)` in each line."""
    return LoadedProfiles(
        {
            name.decode("utf-8", "surrogateescape"): mode.decode("ascii", "replace")
            for name, mode in PROFILE.findall(data)
        }
    )
