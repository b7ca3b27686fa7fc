"""Which logs tell of denials, and what they tell together."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TypeVar

from hostprobe.facts.denial import AuditdSettings, DenialLog, ProfileDenial, SelinuxDenial
from hostprobe.facts.files import Absent, Files, Missing, Stat

AUDITD = "/etc/audit/auditd.conf"
AUDIT_LOG = "/var/log/audit/audit.log"
KERNEL_LOGS = ("/var/log/kern.log", "/var/log/messages", "/var/log/syslog")
"""Where the kernel's records go without auditd, by way of syslog."""

KEPT_JOURNAL, PASSING_JOURNAL = "/var/log/journal", "/run/log/journal"
"""The second is gone with the next start of the host."""

MACHINE = re.compile(r"[0-9a-f]{32}")
"""machine-id(5), after which journald calls its directory."""

SYSTEM_JOURNAL = re.compile(r"system(@[0-9a-f-]+)?\.journal~?")
"""As journald names the files that the kernel's entries are in; those of users are others."""

JOURNAL = re.compile(r"\.journal~?$")

MOST_JOURNALS = 100
"""As many as journald keeps (SystemMaxFiles in journald.conf(5))."""

ROTATION = re.compile(r"([.-]\d+)?(\.(gz|xz|bz2|zst))?")
"""What logrotate and auditd put behind the name of a log."""


Denial = TypeVar("Denial", SelinuxDenial, ProfileDenial)


@dataclass(frozen=True, slots=True)
class Family:
    """Files that hold one log, and the directories that were looked into for them."""

    directories: tuple[str, ...]
    paths: tuple[str, ...]
    problems: tuple[str, ...] = ()
    """Why there are more."""


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
    """Of the first log that there is, with its rotations.

    The kept journal comes before the logs of syslog, which get less and may be left over from a
    syslog that was removed; the passing one comes last, as the others reach further back.
    """
    for family in families(files):
        found = read_family(files, family)
        if found is not None:
            return found
    return Absent("there is no log of auditd, of the kernel in /var/log, or of journald")


def families(files: Files) -> Iterator[Family]:
    """In the order in which they are asked."""
    yield rotations(files, audit_log(files))
    yield journals(files, KEPT_JOURNAL)
    yield from (rotations(files, log) for log in KERNEL_LOGS)
    yield journals(files, PASSING_JOURNAL)


def read_family(files: Files, family: Family) -> Denials | Missing | None:
    """Together; None where it is established that there is none."""
    answers = {path: files.read(path, DenialLog) for path in family.paths}
    read = {path: one for path, one in answers.items() if isinstance(one, DenialLog)}
    listed = (files.list(directory) for directory in family.directories)
    unread = [
        one
        for one in (*answers.values(), *listed)
        if isinstance(one, Missing) and not one.not_found
    ]
    if read:
        return merged(read, family.problems)
    return unread[0] if unread else None


def audit_log(files: Files) -> str:
    """As auditd.conf has it."""
    settings = files.read(AUDITD, AuditdSettings)
    named = settings.log_file if isinstance(settings, AuditdSettings) else None
    return named if named and named.startswith("/") else AUDIT_LOG


def rotations(files: Files, log: str) -> Family:
    """The log and what was rotated away, by name."""
    directory, _, name = log.rpartition("/")
    names = [
        other
        for other in named(files, directory)
        if other.startswith(name) and ROTATION.fullmatch(other[len(name) :])
    ]
    return Family((directory,), tuple(f"{directory}/{other}" for other in names))


def journals(files: Files, directory: str) -> Family:
    """Files that the kernel's entries are in; those of other machines are not found when read."""
    places = tuple(f"{directory}/{machine}" for machine in named(files, directory, MACHINE))
    paths = [f"{place}/{name}" for place in places for name in named(files, place, SYSTEM_JOURNAL)]
    if len(paths) <= MOST_JOURNALS:
        return Family((directory, *places), tuple(paths))
    newest = sorted(paths, key=lambda path: changed(files, path))[-MOST_JOURNALS:]
    older = f"{directory}: only the newest {MOST_JOURNALS} of {len(paths)} files were read"
    return Family((directory, *places), tuple(newest), (older,))


def changed(files: Files, path: str) -> int:
    """When a file was last written, in nanoseconds; 0 where that is not known."""
    stat = files.stat(path)
    return stat.mtime_ns if isinstance(stat, Stat) else 0


def named(files: Files, directory: str, pattern: re.Pattern[str] | None = None) -> tuple[str, ...]:
    """Its names of this form; none where it cannot be read."""
    names = files.list(directory)
    if isinstance(names, Missing):
        return ()
    return tuple(name for name in names if pattern is None or pattern.fullmatch(name))


def merged(logs: dict[str, DenialLog], others: Iterable[str]) -> Denials:
    """Equal denials of several files are one."""
    return Denials(
        tuple(summed(one for log in logs.values() for one in log.selinux)),
        tuple(summed(one for log in logs.values() for one in log.apparmor)),
        tuple(logs),
        (
            *(f"{path}: {text}" for path, log in logs.items() for text in log.problems),
            *others,
        ),
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


def repeat(logs: Iterable[str], text: str) -> str:
    """The command that prints the records with a text; of the journal all of its files together."""
    paths = tuple(logs)
    places = dict.fromkeys(path.rpartition("/")[0] for path in paths if JOURNAL.search(path))
    if places:
        return " ".join(f"journalctl -D {place} --grep '{text}'" for place in places)
    return f"grep -h '{text}' {' '.join(paths)}"


def when(seconds: float) -> str:
    """RFC 3339 to the second."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
