"""What mandatory access control denied to httpd, as logs of the host tell it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SelinuxDenial:
    """Equal records of SELinux's access vector cache, counted."""

    source: str
    """Context of the process: user:role:type[:range]."""

    target: str
    """Context of what it wanted."""

    kind: str
    """The object class: file, dir, tcp_socket, process, dbus ..."""

    permissions: tuple[str, ...]
    """As the record lists them."""

    is_enforced: bool
    """It was refused; otherwise permissive mode let it pass."""

    path: str | None
    """Absolute path, as far as the event's records tell it; else the bare name."""

    port: int | None
    """Of the peer, or of the local end where it was bound."""

    program: str | None
    """exe= of the system call, else comm= of the record; None for a userspace object manager."""

    count: int
    first: float
    """Seconds since the epoch."""

    last: float


@dataclass(frozen=True, slots=True)
class ProfileDenial:
    """Equal records of AppArmor, counted."""

    profile: str
    """With its hat: "apache2//shop"."""

    operation: str
    """open, exec, file_mmap, connect, capable, signal ..."""

    name: str | None
    """Path, or what else the operation is about: the capability, the family of a socket."""

    mask: str
    """What was denied: "r", "wc", "m", "send"; "" where the record has none."""

    is_enforced: bool
    """DENIED; otherwise ALLOWED: the profile only complains."""

    program: str | None
    """comm= of the record."""

    count: int
    first: float
    """Seconds since the epoch."""

    last: float


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Where reading of a log ended: a value that a caller may store and give back."""

    device: int
    inode: int
    offset: int
    """Bytes read: up to the end of the last complete line."""

    head: bytes
    """How the file begins: another beginning is another file under the same number."""


@dataclass(frozen=True, slots=True)
class DenialLog:
    """Everything that one log tells of httpd's denials."""

    selinux: tuple[SelinuxDenial, ...]
    apparmor: tuple[ProfileDenial, ...]
    checkpoint: Checkpoint | None = None
    """None for a compressed log: it is never continued."""

    problems: tuple[str, ...] = ()
    """What of the log could not be told, a phrase for each."""


@dataclass(frozen=True, slots=True)
class AuditdSettings:
    """auditd.conf(5)."""

    log_file: str | None
    """Path of the log; None: the default."""
