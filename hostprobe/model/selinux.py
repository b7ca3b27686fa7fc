"""SELinux of the inspected host: whether it enforces, which policy answers, httpd's domain."""

import re
from collections.abc import Iterator

from hostprobe.facts.files import Absent, Files, Missing
from hostprobe.facts.selinux import FileLabel, ProcessLabel, SelinuxMode, UsualLabel
from hostprobe.model.instance import Instance

KERNEL, CONFIGURATION = "/sys/fs/selinux/enforce", "/etc/selinux/config"
LOADED = "/sys/fs/selinux/policy"
"""The policy that the kernel has, with the booleans as they stand now."""

USUAL_POLICY = "targeted"
"""SELINUXTYPE where the configuration has none (libselinux, selinux_config.c)."""

POLICY_FILE = re.compile(r"policy\.(\d+)")
DOMAIN = "system_u:system_r:httpd_t:s0"
"""In which every policy starts httpd; of a running one /proc tells."""


def selinux_mode(files: Files, *, is_live: bool) -> SelinuxMode | Missing | Absent:
    """Absent where the kernel, or a mounted root's configuration, has no SELinux.

    A host whose configuration says enforcing and whose kernel has no SELinux enforces nothing.
    """
    mode = files.read(KERNEL if is_live else CONFIGURATION, SelinuxMode)
    if isinstance(mode, Missing) and mode.not_found:
        kernel = "the kernel of this host has no SELinux"
        return Absent(kernel if is_live else f"{mode.reason}: the root has no SELinux")
    if isinstance(mode, SelinuxMode) and mode.disabled and not is_live:
        return Absent(f"{CONFIGURATION} disables SELinux")
    return mode


def policy_name(files: Files) -> str:
    """The directory of the policy in /etc/selinux."""
    mode = files.read(CONFIGURATION, SelinuxMode)
    return (mode.policy if isinstance(mode, SelinuxMode) else "") or USUAL_POLICY


def policy_files(files: Files, *, is_live: bool) -> Iterator[str]:
    """Where the policy can be read: in the kernel, then on disk, the newest format first."""
    if is_live and not isinstance(files.stat(LOADED), Missing):
        yield LOADED
    directory = f"/etc/selinux/{policy_name(files)}/policy"
    names = files.list(directory)
    matches = [POLICY_FILE.fullmatch(name) for name in names] if isinstance(names, tuple) else []
    found = sorted((int(match[1]), match[0]) for match in matches if match)
    yield from (f"{directory}/{name}" for _, name in reversed(found))


def domain_of(files: Files, instance: Instance) -> str:
    """The context of a running httpd's processes; the usual one of a planned one."""
    if instance.running is None:
        return DOMAIN
    label = files.read(f"/proc/{instance.running.parent.pid}/attr/current", ProcessLabel)
    is_context = isinstance(label, ProcessLabel) and label.name.count(":") >= 2
    return label.name if is_context and isinstance(label, ProcessLabel) else DOMAIN


def label_of(files: Files, path: str) -> str | None:
    """The context of a file or directory; None without one."""
    label = files.read(path, FileLabel)
    return label.context if isinstance(label, FileLabel) else None


def usual_label(files: Files, path: str) -> str | None:
    """What restorecon(8) would make of it; None where the policy says nothing, or not to us."""
    label = files.read(f"{path}?{policy_name(files)}", UsualLabel)
    return label.context if isinstance(label, UsualLabel) else None


def type_of(context: str) -> str:
    """The third part of a context."""
    parts = context.split(":")
    return parts[2] if len(parts) > 2 else context


def with_type(context: str, name: str) -> str:
    """The context with another type."""
    parts = context.split(":")
    return ":".join((*parts[:2], name, *parts[3:])) if len(parts) > 2 else context
