"""What is mounted where, as the kernel or /etc/fstab says."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mount:
    """One mount of a mount namespace."""

    number: int
    """Mount ID."""

    parent: int
    """ID of the mount that it stands on; of the topmost one it is not in the table."""

    place: str
    """Mount point as the process sees it."""

    filesystem: str
    """Type: "ext4", "tmpfs"."""

    options: tuple[str, ...]
    """Of this mount, not of its file system: "ro", "noexec", "nosuid" ..."""

    @property
    def is_read_only(self) -> bool:
        """The last of "ro" and "rw" counts."""
        said = [option for option in self.options if option in {"ro", "rw"}]
        return said[-1:] == ["ro"]


@dataclass(frozen=True, slots=True)
class MountTable:
    """The mounts that a process sees: /proc/PID/mountinfo."""

    mounts: tuple[Mount, ...]


@dataclass(frozen=True, slots=True)
class FstabEntry:
    """One file system that is mounted when the host starts."""

    place: str
    filesystem: str
    options: tuple[str, ...]
    """Those of ro, noexec, nosuid and nodev that are in force, what `user` implies included."""


@dataclass(frozen=True, slots=True)
class Fstab:
    """/etc/fstab without swap and what is only mounted on demand."""

    entries: tuple[FstabEntry, ...]
