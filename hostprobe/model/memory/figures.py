"""What a virtual server or container shows of its limits: for people, nothing is judged."""

from collections.abc import Iterator
from dataclasses import dataclass

from hostprobe.facts.files import Files
from hostprobe.facts.memory import Beancounter, DiskSpace, SocketUse
from hostprobe.model.memory.control_groups import control_groups, tightest_memory
from hostprobe.model.memory.stacks import PAGE
from hostprobe.model.memory.total import BEANCOUNTERS, beancounter

SOCKSTAT = "/proc/net/sockstat"
INIT = 1
"""The process whose control group is the container's own."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One resource; None is not told, or not limited."""

    name: str
    used: int | None
    most: int | None
    limit: int | None
    unit: str
    """"bytes" or "count"."""

    source: str
    """The file or directory that says so."""


def figures(files: Files, pid: int = 0) -> tuple[Figure, ...]:
    """Of the platform that httpd's process runs on; empty where nothing limits its memory."""
    found = tuple(of_beancounters(files)) or tuple(of_control_group(files, pid or INIT))
    return (*found, *of_disk(files)) if found else ()


def of_beancounters(files: Files) -> Iterator[Figure]:
    """OpenVZ: what a provider's panel calls memory, RSS, files and TCP sockets."""
    pages, resident = beancounter(files, "privvmpages"), beancounter(files, "physpages")
    guaranteed = beancounter(files, "oomguarpages")
    opened, sockets = beancounter(files, "numfile"), beancounter(files, "numtcpsock")
    if pages:
        yield bean("memory", pages, pages.barrier, PAGE)
    if resident:
        limit = resident.limit or (guaranteed.barrier if guaranteed else None)
        yield bean("context RSS", resident, limit, PAGE)
    for name, one in (("files", opened), ("TCP sockets", sockets)):
        if one:
            yield bean(name, one, one.limit, 1)


def bean(name: str, one: Beancounter, limit: int | None, unit: int) -> Figure:
    """A row in bytes or numbers."""
    return Figure(
        name=name,
        used=one.held * unit,
        most=one.most * unit,
        limit=None if limit is None else limit * unit,
        unit="count" if unit == 1 else "bytes",
        source=f"{BEANCOUNTERS}: {one.resource}",
    )


def of_control_group(files: Files, pid: int) -> Iterator[Figure]:
    """Containers: the group with the smallest limit, of either version."""
    found = tightest_memory(control_groups(files, pid, "memory"))
    if found is None:
        return
    group, limit = found
    place = group.directory
    yield Figure("memory", group.memory_used, group.memory_peak, limit, "bytes", place)
    # the limit holds for resident memory: there is no other one
    yield Figure("context RSS", group.memory_resident, None, limit, "bytes", place)
    sockets = files.read(SOCKSTAT, SocketUse)
    if isinstance(sockets, SocketUse):
        yield Figure("TCP sockets", sockets.tcp, None, None, "count", SOCKSTAT)


def of_disk(files: Files) -> Iterator[Figure]:
    """The root file system."""
    space = files.read("/", DiskSpace)
    if isinstance(space, DiskSpace):
        yield Figure("disk", space.used, None, space.size, "bytes", "/")
