"""Whose files these are: the head of every report."""

import os
from collections.abc import Iterator

from hostprobe.collect.files import LiveFiles
from hostprobe.facts.files import Missing
from hostprobe.facts.host import HostIdentity

OS_RELEASE = ("/etc/os-release", "/usr/lib/os-release")
SHELL = "/bin/sh"
CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH, CAP_SYS_PTRACE = 1, 2, 19
MACHINES = {3: "i686", 21: "ppc64le", 22: "s390x", 40: "armv7l", 62: "x86_64", 183: "aarch64"}
"""e_machine of any program of the root -> what uname -m says there."""


def collect_identity(files: LiveFiles) -> HostIdentity:
    """Name, system and architecture of the root; the kernel only of the running one."""
    is_live = files.root.directory == "/"
    uname = os.uname()
    return HostIdentity(
        name=uname.nodename if is_live else first_line(files, "/etc/hostname") or "unknown",
        os=operating_system(files),
        kernel=uname.release if is_live else None,
        arch=uname.machine if is_live else architecture(files),
        root=files.root.directory,
        is_live=is_live,
        privileged=is_privileged(),
    )


def first_line(files: LiveFiles, path: str) -> str:
    """The first line of a small file; empty when there is none."""
    data = files.bytes(path, 1 << 16)
    if isinstance(data, Missing):
        return ""
    return data.partition(b"\n")[0].strip().decode("utf-8", "surrogateescape")


def operating_system(files: LiveFiles) -> str:
    """PRETTY_NAME of os-release.

    distro gets a descriptor of the file: it would open a link's target outside the root, and block
    on a FIFO. Its lsb_release, uname and oslevel are programs and stay off.
    """
    import distro  # noqa: PLC0415  costs 15 ms

    for path in OS_RELEASE:
        real = files.root.resolve(path)
        if isinstance(real, Missing):
            continue
        try:
            with files.root.open(real) as (descriptor, _):
                system = distro.LinuxDistribution(
                    include_lsb=False,
                    os_release_file=f"/proc/self/fd/{descriptor}",
                    distro_release_file=os.devnull,
                    include_uname=False,
                    include_oslevel=False,
                )
                return system.os_release_attr("pretty_name") or "unknown"
        except (OSError, ValueError):
            continue
    return "unknown"


def architecture(files: LiveFiles) -> str:
    """What the root's own shell is compiled for."""
    shell = files.elf(SHELL)
    if isinstance(shell, Missing):
        return "unknown"
    return MACHINES.get(shell.machine, f"machine {shell.machine}")


def is_privileged() -> bool:
    """Effective uid 0, or the capabilities that read everything (capabilities(7))."""
    held = set(effective_capabilities())
    reads = held & {CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH}
    return os.geteuid() == 0 or (bool(reads) and CAP_SYS_PTRACE in held)


def effective_capabilities() -> Iterator[int]:
    """Bits of CapEff of this process."""
    try:
        with open("/proc/self/status", encoding="ascii", errors="replace") as status:  # noqa: PTH123  not the inspected root
            lines = dict(line.split(":\t", 1) for line in status if ":\t" in line)
    except OSError:
        return
    mask = int(lines.get("CapEff", "0"), 16)
    yield from (bit for bit in range(64) if mask >> bit & 1)
