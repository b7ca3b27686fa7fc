"""Which logs tell of denials, and what they tell together."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TypeVar

from hostprobe.facts.denial import AuditdSettings, DenialLog, ProfileDenial, SelinuxDenial
from hostprobe.facts.files import Absent, Files, Missing, is_directory

AUDITD = "/etc/audit/auditd.conf"
AUDIT_LOG = "/var/log/audit/audit.log"
KERNEL_LOGS = ("/var/log/kern.log", "/var/log/messages", "/var/log/syslog")
"""Where the kernel's records go without auditd, by way of syslog: the first that there is."""

JOURNALS = ("/var/log/journal", "/run/log/journal")
JOURNAL = (
    "only the journal has the kernel's records, and hostprobe does not read its binary format: "
    "journalctl -k --grep 'avc:|apparmor=' shows them"
)
ROTATION = re.compile(r"([.-]\d+)?(\.(gz|xz|bz2|zst))?")
"""What logrotate and auditd put behind the name of a log."""


Denial = TypeVar("Denial", SelinuxDenial, ProfileDenial)


@dataclass(frozen=True, slots=True)
class Denials:
    """Everything that the logs of a host tell."""

    selinux: tuple[SelinuxDenial, ...]
    apparmor: tuple[ProfileDenial, ...]
    logs: tuple[str, ...]
    """Paths that were read."""

    problems: tuple[str, ...] = ()
    """What of them could not be told."""


@dataclass(frozen=True, slots=True)
class ProfileDenials:
    """Those of AppArmor, on a host that has it."""

    all: tuple[ProfileDenial, ...]
    logs: tuple[str, ...]


def read_denials(files: Files) -> Denials | Missing | Absent:
    """Of the first log that there is, with its rotations."""
    for base in (audit_log(files), *KERNEL_LOGS):
        paths = tuple(rotations(files, base))
        answers = {path: files.read(path, DenialLog) for path in paths}
        read = {path: one for path, one in answers.items() if isinstance(one, DenialLog)}
        if read:
            return merged(read)
        for unread in answers.values():
            if isinstance(unread, Missing) and not unread.not_found:
                return unread
        directory = files.list(base.rpartition("/")[0])
        if isinstance(directory, Missing) and not directory.not_found:
            return directory
    if any(is_directory(files, path) for path in JOURNALS):
        return Missing(JOURNAL)
    return Absent("there is no log of auditd, and none of the kernel in /var/log")


def audit_log(files: Files) -> str:
    """As auditd.conf has it."""
    settings = files.read(AUDITD, AuditdSettings)
    named = settings.log_file if isinstance(settings, AuditdSettings) else None
    return named if named and named.startswith("/") else AUDIT_LOG


def rotations(files: Files, base: str) -> Iterator[str]:
    """The log and what was rotated away, by name."""
    directory, _, name = base.rpartition("/")
    names = files.list(directory)
    for other in () if isinstance(names, Missing) else names:
        if other.startswith(name) and ROTATION.fullmatch(other[len(name) :]):
            yield f"{directory}/{other}"


def merged(logs: dict[str, DenialLog]) -> Denials:
    """Equal denials of several files are one."""
    return Denials(
        tuple(summed(one for log in logs.values() for one in log.selinux)),
        tuple(summed(one for log in logs.values() for one in log.apparmor)),
        tuple(logs),
        tuple(f"{path}: {text}" for path, log in logs.items() for text in log.problems),
    )


def summed(denials: Iterable[Denial]) -> Iterator[Denial]:
    """In the order of their last occurrence, the newest first."""
    groups: dict[Denial, list[Denial]] = {}
    for one in denials:
        groups.setdefault(replace(one, count=0, first=0.0, last=0.0), []).append(one)
    found = [
        replace(
            key,
            count=sum(one.count for one in group),
            first=min(one.first for one in group),
            last=max(one.last for one in group),
        )
        for key, group in groups.items()
    ]
    yield from sorted(found, key=lambda one: -one.last)


def when(seconds: float) -> str:
    """RFC 3339 to the second."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
