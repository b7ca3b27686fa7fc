"""Which process does what in a running httpd."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from hostprobe.facts.process import HttpdProcess

SOCKET = re.compile(r"\.\d+\.\d+\.(\d+)\.sock")
"""mod_wsgi's listener: prefix, the parent's pid, restarts so far, number of the process group."""


class Role(StrEnum):
    """What a process is for."""

    PARENT = "parent"
    CHILD = "child"
    DAEMON = "daemon"
    """Of a WSGIDaemonProcess."""

    ORPHAN = "orphan"
    """Left behind by a parent that ended."""


@dataclass(frozen=True, slots=True)
class RunningProcess:
    """One process of an instance."""

    facts: HttpdProcess
    role: Role
    group: str | None = None
    """Of a daemon: the process group's name; None where its number fits no WSGIDaemonProcess."""

    replaced: int = 0
    """Objects that it has mapped and whose path leads to another file now, or to none."""

    @property
    def title(self) -> str:
        """Role, group and pid in words."""
        group = f" {self.group}" if self.group else ""
        return f"{self.role}{group} {self.facts.pid}"


@dataclass(frozen=True, slots=True)
class Running:
    """The processes of one httpd, its parent first."""

    processes: tuple[RunningProcess, ...]

    @property
    def parent(self) -> HttpdProcess:
        """The process that was started; the oldest one where that is gone."""
        return self.processes[0].facts

    @property
    def pids(self) -> tuple[int, ...]:
        """Of all its processes."""
        return tuple(one.facts.pid for one in self.processes)


def running(processes: Iterable[HttpdProcess], groups: tuple[str, ...]) -> Running:
    """Give each process its role; `groups` are the WSGIDaemonProcess names in their order."""
    first, *others = processes
    found = [RunningProcess(first, Role.PARENT)]
    return Running((*found, *(with_role(one, first, groups) for one in others)))


def with_role(one: HttpdProcess, parent: HttpdProcess, groups: tuple[str, ...]) -> RunningProcess:
    """A daemon has its group's listener alone; the parent has all of them, a child none."""
    numbers = set(socket_numbers(one))
    if len(numbers) == 1:
        (number,) = numbers
        name = groups[number - 1] if 0 < number <= len(groups) else None
        return RunningProcess(one, Role.DAEMON, name)
    return RunningProcess(one, Role.CHILD if one.parent == parent.pid else Role.ORPHAN)


def socket_numbers(one: HttpdProcess) -> Iterator[int]:
    """Numbers of the process groups whose listener it holds."""
    for path in one.sockets:
        found = SOCKET.search(path)
        if found:
            yield int(found[1])


def started(one: HttpdProcess) -> str:
    """Since when, RFC 3339 to the second."""
    return datetime.fromtimestamp(one.started, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
