"""Secure-execution mode: a binary that gains rights by its start (ld.so(8), getauxval(3)).

The kernel says so when set-user-ID or set-group-ID changes who it runs as, or when somebody else
than root gets capabilities from the file (cap_bprm_creds_from_file). ld.so then removes its
variables from the environment. Not modelled: that it refuses $ORIGIN outside trusted directories;
mounts with nosuid and NoNewPrivileges=, under which a file gives no rights.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from stat import S_ISGID, S_ISUID

from hostprobe.facts.capability import FileCapabilities
from hostprobe.facts.files import Files, Missing, Stat
from hostprobe.facts.httpd import HttpdStart
from hostprobe.model.loader.c_library import inspected_rules
from hostprobe.model.loader.directories import directories

REMOVED = frozenset(
    {
        "GCONV_PATH",
        "GETCONF_DIR",
        "GLIBC_TUNABLES",
        "HOSTALIASES",
        "LD_AUDIT",
        "LD_DEBUG",
        "LD_DEBUG_OUTPUT",
        "LD_DYNAMIC_WEAK",
        "LD_HWCAP_MASK",
        "LD_LIBRARY_PATH",
        "LD_ORIGIN_PATH",
        "LD_PRELOAD",
        "LD_PROFILE",
        "LD_SHOW_AUXV",
        "LD_USE_LOAD_BIAS",
        "LOCALDOMAIN",
        "LOCPATH",
        "MALLOC_TRACE",
        "NIS_PATH",
        "NLSPATH",
        "RESOLV_HOST_CONF",
        "RES_OPTIONS",
        "TMPDIR",
        "TZDIR",
    }
)
"""UNSECURE_ENVVARS of sysdeps/generic/unsecvars.h."""


def secured(files: Files, start: HttpdStart) -> HttpdStart:
    """The start with the environment that its process sees."""
    if not start.environment or not is_secure(files, start):
        return start
    return replace(start, environment=secure_environment(files, start))


def is_secure(files: Files, start: HttpdStart) -> bool:
    """Whether the kernel sets AT_SECURE."""
    stat = files.stat(start.binary)
    if isinstance(stat, Missing):
        return False
    if start.user == "root":
        by_user = bool(stat.mode & S_ISUID) and stat.uid != 0
        return by_user or (bool(stat.mode & S_ISGID) and stat.gid != 0)
    if stat.mode & (S_ISUID | S_ISGID):
        return True
    capabilities = files.read(stat.real, FileCapabilities)
    return isinstance(capabilities, FileCapabilities) and capabilities.permitted != 0


def secure_environment(files: Files, start: HttpdStart) -> Mapping[str, str]:
    """Without what ld.so removes; of LD_PRELOAD what it takes all the same."""
    environment = start.environment or {}
    kept = {name: value for name, value in environment.items() if name not in REMOVED}
    names = re.split("[ :]", environment.get("LD_PRELOAD", ""))
    trusted = [name for name in names if name and is_trusted(files, start, name)]
    return kept | {"LD_PRELOAD": ":".join(trusted)} if trusted else kept


def is_trusted(files: Files, start: HttpdStart, name: str) -> bool:
    """A name without a slash whose file in a default directory is set-user-ID."""
    elf = files.elf(start.binary)
    if "/" in name or isinstance(elf, Missing):
        return False
    rules, _ = inspected_rules(files, elf)
    places = directories(files, rules, elf).defaults
    found = (files.stat(f"{place}{name}") for place in places)
    first = next((one for one in found if isinstance(one, Stat)), None)
    return first is not None and bool(first.mode & S_ISUID)
