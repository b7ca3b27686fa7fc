"""Which error logs httpd writes, what they say, and about which applications."""

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from hostprobe.facts.error_log import ErrorLog, LogMatch
from hostprobe.facts.files import Absent, Files, Missing, Stat
from hostprobe.facts.httpd import Configuration
from hostprobe.model.httpd.include import absolute
from hostprobe.model.httpd.servers import server_root, servers
from hostprobe.model.instance import Application, Instance, Topology

DEFAULT = "logs/error_log"
"""DEFAULT_ERRORLOG of httpd's build; distributions always write an ErrorLog."""

ROTATED = re.compile(r"(.+?)(?:[.-](\d{8}(?:-?\d{2,6})?)|\.(\d{1,4}))(?:\.gz)?")
"""logrotate's `error.log.1`, `error.log.2.gz`, `error_log-20260301.gz`."""

MOST_BYTES = 256 << 20
"""Of all logs of one httpd, as large as they are said to be, each up to A_LOG."""

A_LOG = 16 << 20


@dataclass(frozen=True, slots=True)
class Reported:
    """One signature about the same applications, over all files."""

    signature: str
    applications: tuple[Application, ...]
    """Empty: the lines do not tell more than that it is this httpd."""

    things: tuple[str, ...]
    """Files that the lines name."""

    count: int
    recent: int
    """Since the last complete start of httpd."""

    first: str
    last: str
    sample: str
    paths: tuple[str, ...]
    """The logs."""


Merged = dict[tuple[str, tuple[str, ...]], Reported]
"""Signature and names of the applications -> what is known so far."""


@dataclass(frozen=True, slots=True)
class InstanceLogs:
    """What the logs of one httpd report."""

    instance: Instance
    reported: tuple[Reported, ...]
    notes: tuple[tuple[str, str], ...] = ()
    """(log, sentence): what of it was not looked at, and why."""


@dataclass(frozen=True, slots=True)
class ErrorLogs:
    """Of every httpd."""

    all: tuple[InstanceLogs, ...]


@dataclass(slots=True)
class Places:
    """Files that hold error logs, and the servers that write into each."""

    files: dict[str, set[str]] = field(default_factory=dict)
    """Path -> names of servers."""

    others: dict[str, str] = field(default_factory=dict)
    """Other destinations -> what they are."""


def read_error_logs(files: Files, topology: Topology) -> ErrorLogs | Absent:
    """The current log and the newest rotation of each; Absent where no log is a file."""
    places = [log_places(one.configuration) for one in topology.instances]
    if not any(place.files for place in places):
        targets = ", ".join(dict.fromkeys(name for place in places for name in place.others))
        return Absent(f"no error log of httpd is a file: {targets}")
    pairs = zip(topology.instances, places, strict=True)
    return ErrorLogs(tuple(logs_of(files, *pair) for pair in pairs))


def log_places(configuration: Configuration) -> Places:
    """ErrorLog of the main server and of each virtual host (log.c, open_error_log)."""
    places, root = Places(), server_root(configuration)
    main = DEFAULT
    for server in servers(configuration):
        said = [one.args for one in server.directives if one.key == "errorlog" and one.args]
        target = said[-1][0] if said else main
        main = target if server.is_main else main
        kind = other_kind(target)
        if kind:
            places.others[target] = kind
        else:
            places.files.setdefault(absolute(root, target), set()).add(str(server))
    return places


def other_kind(target: str) -> str:
    """What a destination is that is no file; "" for a file."""
    if target.startswith("|"):
        return "a program"
    if target.partition(":")[0] in {"syslog", "journald"}:
        return "the system's log"
    return "a device" if target.startswith(("/dev/", "/proc/")) else ""


def logs_of(files: Files, instance: Instance, places: Places) -> InstanceLogs:
    """Read them, older first, and put together what is about the same applications."""
    notes = [(name, f"it goes to {kind}") for name, kind in places.others.items()]
    about, left = About(instance), MOST_BYTES
    merged: Merged = {}
    rotated = Rotations(files)
    for path, names in places.files.items():
        older = rotated.newest(path)
        logs: list[tuple[str, ErrorLog]] = []
        for each in (older, path) if older else (path,):
            size = size_of(files, each)
            left -= min(size, A_LOG)
            if size and left < 0:
                notes.append((each, "the logs before it were large enough"))
            elif size:
                log = files.read(each, ErrorLog)
                if isinstance(log, ErrorLog):
                    logs.append((each, log))
                    notes += [(each, text) for text in limits(log)]
        for each, match in in_order(logs):
            add(merged, each, match, about.applications(match, names))
    return InstanceLogs(instance, tuple(merged.values()), tuple(notes))


def size_of(files: Files, path: str) -> int:
    """Bytes; 0 for a file that is not there."""
    stat = files.stat(path)
    return stat.size if isinstance(stat, Stat) else 0


def limits(log: ErrorLog) -> Iterator[str]:
    """What of a log was left out."""
    if log.skipped:
        yield f"only its last {log.size} bytes were read, {log.skipped} stand before them"
    if log.is_cut:
        yield "it has longer lines or more different messages than are looked at"


def in_order(logs: list[tuple[str, ErrorLog]]) -> Iterator[tuple[str, LogMatch]]:
    """All matches; those of an older file are past where a newer one tells of a start."""
    for number, (path, log) in enumerate(logs):
        is_past = any(later.has_start for _, later in logs[number + 1 :])
        for match in log.matches:
            yield path, replace(match, recent=0) if is_past else match


def add(
    merged: Merged,
    path: str,
    match: LogMatch,
    applications: tuple[Application, ...],
) -> None:
    """Count it to what is known of the same signature and applications."""
    key = (match.signature, tuple(one.name for one in applications))
    one = merged.get(key) or Reported(
        match.signature, applications, (), 0, 0, match.first, match.last, "", ()
    )
    is_later = match.last >= one.last
    merged[key] = Reported(
        signature=match.signature,
        applications=applications,
        things=tuple(dict.fromkeys((*one.things, *filter(None, (match.thing,))))),
        count=one.count + match.count,
        recent=one.recent + match.recent,
        first=min(filter(None, (one.first, match.first)), default=""),
        last=max(one.last, match.last),
        sample=match.sample if is_later or not one.sample else one.sample,
        paths=tuple(dict.fromkeys((*one.paths, path))),
    )


class Rotations:
    """The newest rotated file of each log; a directory is looked through once."""

    def __init__(self, files: Files) -> None:
        self._files = files
        self._found: dict[str, Mapping[str, str]] = {}

    def newest(self, path: str) -> str | None:
        """Its path; None where there is none."""
        directory, name = posixpath.split(path)
        if directory not in self._found:
            names = self._files.list(directory)
            self._found[directory] = by_log(() if isinstance(names, Missing) else names)
        older = self._found[directory].get(name)
        return posixpath.join(directory, older) if older else None


def by_log(names: Iterable[str]) -> dict[str, str]:
    """Name of a log -> its newest rotation: the lowest number, else the latest date."""
    found: dict[str, tuple[tuple[int, str], str]] = {}
    for name in names:
        match = ROTATED.fullmatch(name)
        if match:
            rank = (0, f"{9999 - int(match[3]):04}") if match[3] else (-1, match[2])
            found[match[1]] = max(found.get(match[1], (rank, name)), (rank, name))
    return {log: name for log, (_, name) in found.items()}


class About:
    """The applications that a line is about."""

    def __init__(self, instance: Instance) -> None:
        self._by: dict[tuple[str, str], list[Application]] = {}
        for one in instance.applications:
            self._by.setdefault(("script", one.script), []).append(one)
            self._by.setdefault(("group", one.process_group or ""), []).append(one)
            self._by.setdefault(("server", one.server), []).append(one)
        self._all = instance.applications
        self._servers = {one.server for one in instance.applications}

    def applications(self, match: LogMatch, servers: set[str]) -> tuple[Application, ...]:
        """By script, else by process group, else of the servers that write into the log."""
        for kind, name in (("script", match.script), ("group", match.group)):
            if name and (kind, name) in self._by:
                return tuple(self._by[kind, name])
        if self._servers <= servers:
            return self._all if len(self._all) == 1 else ()
        return tuple(one for name in sorted(servers) for one in self._by.get(("server", name), ()))
