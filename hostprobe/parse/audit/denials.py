"""Denials of httpd in a log: equal records are counted, only new ones are looked at closely."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from hostprobe.facts.denial import DenialLog, ProfileDenial, SelinuxDenial
from hostprobe.parse.audit.events import Event, EventReader
from hostprobe.parse.audit.fields import (
    fields_of,
    node_of,
    number_of,
    record_type,
    text_of,
    time_of,
)

MAX_GROUPS = 4096
"""Different records that are told apart by their objects; beyond, by everything else."""

MAY_BE_HTTPD = re.compile(rb"httpd|apache|6874747064|617061636865", re.IGNORECASE)
"""As it is, and in hexadecimal digits, as a name with a blank is written."""

PROGRAMS = frozenset({"httpd", "apache2", "httpd.worker", "httpd.event", "httpd2"})
DOMAIN = re.compile(r"httpd(_\w+)?_t")
UNCONFINED = frozenset({"unconfined_t", "unconfined_service_t", "initrc_t", "init_t"})
"""Domains in which an httpd runs that was not started as the policy expects."""

CONTAINERS = ("docker-", "lxc-", "snap.", "cri-", "crio-", "containers-default", "libpod")
"""How profiles of containers and other hosts inside this one are called."""

CONTEXT = re.compile(r"[\w.-]+:[\w.-]+:[\w.-]+(:[\w.,:-]+)?", re.ASCII)
WORD = re.compile(r"\w+", re.ASCII)
AVC = re.compile(rb"avc:\s+denied\s+\{([^}]*)\}\s+for\s(.*)")
VOLATILE = re.compile(rb" (?:(?:s|t|p|peer_)?pid|lport|laddr|ouid|fsuid)=[^ ]*| dest=:[^ ]*")
"""What differs from one time to the next; a D-Bus name is `dest=:1.7`."""

OBJECT = re.compile(rb" (?:name|path|ino|dev|dest)=(?:\"[^\"]*\"|[^ ]*)")
"""What tells one object of a kind from another."""

HEADER = re.compile(rb"^.*?audit\([^)]*\):")

COMPANIONS = frozenset({"SYSCALL", "CWD", "PATH"})

Group = SelinuxDenial | ProfileDenial


@dataclass(slots=True)
class Tally:
    """How often a record was seen, and when."""

    count: int = 0
    first: float = 0.0
    last: float = 0.0
    is_placed: bool = False
    """Its group is known."""

    def add(self, when: float) -> None:
        """One more."""
        self.count += 1
        self.first = min(self.first or when, when)
        self.last = max(self.last, when)


class Denials:
    """Counts denials while events stream by; memory is bounded by MAX_GROUPS."""

    def __init__(self) -> None:
        self.reader = EventReader(self._takes)
        self._tallies: dict[bytes, Tally] = {}
        self._groups: dict[Group, list[Tally]] = {}
        self._beyond = 0

    def feed(self, data: bytes) -> None:
        """Bytes of the log in any portions."""
        for event in self.reader.feed(data):
            self._judge(event)

    def finish(self) -> DenialLog:
        """All that was counted."""
        for event in self.reader.finish():
            self._judge(event)
        groups = [counted(group, tallies) for group, tallies in self._groups.items()]
        return DenialLog(
            tuple(one for one in groups if isinstance(one, SelinuxDenial)),
            tuple(one for one in groups if isinstance(one, ProfileDenial)),
            problems=tuple(self._problems()),
        )

    def _problems(self) -> Iterator[str]:
        if self._beyond:
            yield f"too many different denials: {self._beyond} records were not told apart"
        if self.reader.overlong:
            yield f"{self.reader.overlong} lines are too long for a log and were passed over"

    def _takes(self, line: bytes) -> bool:
        """A record that was seen before is counted, and its event is not needed."""
        if not MAY_BE_HTTPD.search(line):
            return False
        tally = self._tallies.get(signature_of(line))
        if tally is not None:
            tally.add(time_of(line))
        return tally is None and self._is_new(line)

    def _is_new(self, line: bytes) -> bool:
        """Its like was not seen; where there are too many, objects are no longer told apart."""
        signature = signature_of(line)
        if len(self._tallies) >= MAX_GROUPS:
            signature = OBJECT.sub(b"", signature)
        known = signature in self._tallies
        if not known and len(self._tallies) >= 2 * MAX_GROUPS:
            self._beyond += 1
            return False
        self._tallies.setdefault(signature, Tally()).add(time_of(line))
        return not known

    def _judge(self, event: Event) -> None:
        """A tally belongs to the group of the first record that it counted."""
        for line in event.lines:
            signature = signature_of(line)
            if signature not in self._tallies:
                line = signature = OBJECT.sub(b"", signature)  # noqa: PLW2901  one of many
            tally = self._tallies.get(signature)
            if tally and not tally.is_placed and (found := denial_of(line, event.lines)):
                tally.is_placed = True
                self._groups.setdefault(found, []).append(tally)


def signature_of(line: bytes) -> bytes:
    """What a record says without what differs from one time to the next."""
    return VOLATILE.sub(b"", HEADER.sub(b"", line, count=1))


def counted(group: Group, tallies: Iterable[Tally]) -> Group:
    """The group with the sum of its records."""
    known = tuple(tallies)
    return replace(
        group,
        count=sum(one.count for one in known),
        first=min(one.first for one in known),
        last=max(one.last for one in known),
    )


def denial_of(line: bytes, lines: tuple[bytes, ...]) -> Group | None:
    """The denial in one record of an event; None for anything else, or where it is not httpd's."""
    if b'apparmor="' in line:
        return profile_denial(fields_of(line))
    match = AVC.search(line)
    if match is None:
        return None
    fields = fields_of(match[2])
    if not may_be_httpd(plain(fields, "scontext")):
        return None
    return selinux_denial(match[1], fields, record_type(line), companions(line, lines))


Others = list[tuple[str, Mapping[str, bytes]]]


def companions(line: bytes, lines: tuple[bytes, ...]) -> Others:
    """The records of the same event, and host, that say more of the program and the object."""
    node = node_of(line)
    kinds = [(record_type(other), other) for other in lines if node_of(other) == node]
    return [(kind, fields_of(other)) for kind, other in kinds if kind in COMPANIONS]


def selinux_denial(
    permissions: bytes, fields: Mapping[str, bytes], record: str, others: Others
) -> SelinuxDenial | None:
    """One record with what the others of its event add to it."""
    source, target = plain(fields, "scontext"), plain(fields, "tcontext")
    kind = plain(fields, "tclass")
    names = tuple(permissions.decode("utf-8", "surrogateescape").split())
    is_userspace = record.startswith("USER_")
    program = None if is_userspace else program_of(fields, others)
    is_whole = CONTEXT.fullmatch(source) and CONTEXT.fullmatch(target) and names
    if not is_whole or not all(WORD.fullmatch(word) for word in (kind, *names)):
        return None
    if not is_httpd(source, program):
        return None
    return SelinuxDenial(
        source=source,
        target=target,
        kind=kind,
        permissions=names,
        is_enforced=fields.get("permissive") != b"1",
        path=path_of(fields, others),
        port=number_of(fields, "dest") or number_of(fields, "src"),
        program=program,
        count=0,
        first=0.0,
        last=0.0,
    )


def plain(fields: Mapping[str, bytes], key: str) -> str:
    """A value that the kernel makes itself: never hexadecimal."""
    return fields.get(key, b"").strip(b'"').decode("utf-8", "surrogateescape")


def program_of(fields: Mapping[str, bytes], others: Others) -> str | None:
    """exe= of the system call; comm= where the event has none."""
    calls = (text_of(found, "exe") for kind, found in others if kind == "SYSCALL")
    return next((exe for exe in calls if exe), text_of(fields, "comm"))


def domain_of(source: str) -> str:
    """The type in a context; "" for what is none."""
    return source.split(":")[2] if source.count(":") >= 2 else ""


def may_be_httpd(source: str) -> bool:
    """Its domain is httpd's, or one in which an httpd may run without one of its own."""
    domain = domain_of(source)
    return domain in UNCONFINED or DOMAIN.fullmatch(domain) is not None


def is_httpd(source: str, program: str | None) -> bool:
    """By its domain; by its program where it runs without one of its own."""
    if domain_of(source) in UNCONFINED:
        return (program or "").rpartition("/")[2] in PROGRAMS
    return may_be_httpd(source)


def path_of(fields: Mapping[str, bytes], others: Others) -> str | None:
    """path= of the record, else the PATH record of the same inode or name, else the bare name."""
    path, name = text_of(fields, "path"), text_of(fields, "name")
    if path and path.startswith("/"):
        return path.removesuffix(" (deleted)")
    directories = (text_of(found, "cwd") for kind, found in others if kind == "CWD")
    directory = next((one for one in directories if one), None)
    for kind, found in others:
        full = absolute(text_of(found, "name"), directory) if kind == "PATH" else None
        if full is None:
            continue
        if fields.get("ino") is not None and found.get("inode") == fields.get("ino"):
            return full
        if name and full.rpartition("/")[2] == name:
            return full
    return path or name


def absolute(name: str | None, directory: str | None) -> str | None:
    """A name of a PATH record, which may be relative to the working directory."""
    if name is None or name.startswith("/"):
        return name
    return None if directory is None else f"{directory.rstrip('/')}/{name.removeprefix('./')}"


def profile_denial(fields: Mapping[str, bytes]) -> ProfileDenial | None:
    """A record of AppArmor (security/apparmor/audit.c)."""
    profile, program = text_of(fields, "profile"), text_of(fields, "comm")
    outcome = plain(fields, "apparmor")
    if outcome not in {"DENIED", "ALLOWED"} or not profile or "namespace" in fields:
        return None
    if not is_httpd_profile(profile, program):
        return None
    names = (text_of(fields, key) for key in ("name", "capname", "family", "peer"))
    return ProfileDenial(
        profile=profile,
        operation=text_of(fields, "operation") or "",
        name=next((one for one in names if one), None),
        mask=text_of(fields, "denied_mask") or "",
        is_enforced=outcome == "DENIED",
        program=program,
        count=0,
        first=0.0,
        last=0.0,
    )


def is_httpd_profile(profile: str, program: str | None) -> bool:
    """By the profile's name, a path mostly; by the program unless it is a container's."""
    base = profile.partition("//")[0]
    if base.startswith(CONTAINERS):
        return False
    return base.rpartition("/")[2].rpartition(".")[2] in PROGRAMS or program in PROGRAMS


def parse_denials(data: bytes) -> DenialLog:
    """A whole log that is in memory."""
    denials = Denials()
    denials.feed(data)
    return denials.finish()
