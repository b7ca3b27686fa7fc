"""Running httpds and planned starts: one instance each, never two.

A parent's own command line and environment say what it read at its start, the binary what they
leave open (server/main.c).
"""

import posixpath
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from hostprobe.facts.files import Files, Missing
from hostprobe.facts.httpd import HttpdBuild, HttpdStart
from hostprobe.facts.process import HttpdProcess, Processes
from hostprobe.model.httpd.start import plain_start, with_arguments

MODES = frozenset({"FOREGROUND", "NO_DETACH", "ONE_PROCESS", "DEBUG"})
"""Names that only say how the parent runs."""

ERRANDS = frozenset({"-t", "-S", "-M", "-v", "-V", "-l", "-L", "-h"})
"""Options of an httpd that says something and ends (httpd(8)); so does `-k` with these words."""

SIGNALS = frozenset({"stop", "graceful", "graceful-stop", "restart"})

Key = tuple[str, str, str, frozenset[str], tuple[str, ...], tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class LiveHttpd:
    """One httpd that runs: how it was started, and its processes, the parent first."""

    start: HttpdStart
    processes: tuple[HttpdProcess, ...]


@dataclass(frozen=True, slots=True)
class LiveHttpds:
    """All of them, and what could not be judged."""

    all: tuple[LiveHttpd, ...]
    problems: tuple[str, ...] = ()
    """Of processes that may be httpds of this host: not known."""

    notes: tuple[str, ...] = ()
    """Of httpds that are not this host's own."""

    others: tuple[HttpdProcess, ...] = ()
    """Processes that are no server of Apache httpd."""

    def of_pid(self, pid: int) -> LiveHttpd | None:
        """The httpd that a process belongs to."""
        return next((one for one in self.all if pid in {each.pid for each in one.processes}), None)


def live_httpds(files: Files, found: Processes) -> LiveHttpds:
    """Group processes by the parent that they descend from, and read its command line."""
    httpds: list[LiveHttpd] = []
    notes: list[str] = []
    others: list[HttpdProcess] = []
    for family in families(found.all):
        if family[0].is_contained:
            notes.append(contained(family[0]))
            continue
        start = start_of(files, family[0])
        if start is None:
            others += family
        else:
            httpds.append(LiveHttpd(start, family))
    alive = tuple(adopted(files, httpds))
    return LiveHttpds(alive, found.problems, tuple(notes), tuple(others))


def contained(one: HttpdProcess) -> str:
    """Why an httpd is not judged."""
    return (
        f"Process {one.pid} ({one.program}) runs in another root (a container): not judged. Run "
        "hostprobe inside, or on a copy of that root with --root."
    )


def families(processes: Iterable[HttpdProcess]) -> Iterator[tuple[HttpdProcess, ...]]:
    """Each parent with everything that descends from it."""
    by_pid = {one.pid: one for one in processes}
    found: dict[int, list[HttpdProcess]] = {}
    for one in by_pid.values():
        found.setdefault(ancestor(one, by_pid).pid, []).append(one)
    for pid, members in found.items():
        yield (by_pid[pid], *(one for one in members if one.pid != pid))


def ancestor(one: HttpdProcess, by_pid: dict[int, HttpdProcess]) -> HttpdProcess:
    """The first of its line that is not itself a child of the same program."""
    for _ in by_pid:
        above = by_pid.get(one.parent)
        if above is None or above.program != one.program:
            break
        one = above
    return one


def start_of(files: Files, parent: HttpdProcess) -> HttpdStart | None:
    """What a parent was started with; None for what is no server of Apache httpd."""
    words = list(parent.command[1:])
    if ERRANDS.intersection(words) or any(is_signal(words, place) for place in range(len(words))):
        return None
    build = files.read(parent.program, HttpdBuild)
    if isinstance(build, Missing) and "not an Apache httpd" in build.reason:
        return None
    known = HttpdBuild(None, None, None, ()) if isinstance(build, Missing) else build
    start = plain_start(files, parent.program, known)
    start = replace(start, environment=parent.environment, origin=f"pid {parent.pid}")
    return with_arguments(start, words)


def is_signal(words: list[str], place: int) -> bool:
    """`-k stop` and the like at this place."""
    return (
        words[place] == "-k"
        and words[place + 1 : place + 2] != []
        and (words[place + 1] in SIGNALS)
    )


def adopted(files: Files, httpds: list[LiveHttpd]) -> Iterator[LiveHttpd]:
    """Processes whose parent ended belong to the httpd that was started like them."""
    leaders = [one for one in httpds if is_leader(one)]
    keys = [key_of(files, one.start) for one in leaders]
    for one in httpds:
        key = None if is_leader(one) else key_of(files, one.start)
        if key is not None and key in keys:
            place = keys.index(key)
            joined = leaders[place].processes + one.processes
            leaders[place] = replace(leaders[place], processes=joined)
        elif key is not None:
            leaders.append(one)
            keys.append(key)
    yield from leaders


def is_leader(one: LiveHttpd) -> bool:
    """Its first process leads its session, as a started httpd does; an orphan cannot."""
    return one.processes[0].pid == one.processes[0].session


def joined(
    files: Files, planned: tuple[HttpdStart, ...], live: tuple[LiveHttpd, ...]
) -> Iterator[tuple[HttpdStart, LiveHttpd | None]]:
    """Every planned start with the httpd that runs so, then those that run otherwise."""
    rest = list(live)
    keys = [key_of(files, one.start) for one in rest]
    for start in planned:
        key = key_of(files, start)
        if key in keys:
            place = keys.index(key)
            keys.pop(place)
            yield start, rest.pop(place)
        else:
            yield start, None
    yield from ((one.start, one) for one in rest)


def key_of(files: Files, start: HttpdStart) -> Key:
    """What makes two starts the same: program, configuration, and what the command line adds."""
    return (
        real(files, start.binary),
        real(files, start.config_file),
        posixpath.normpath(start.server_root),
        frozenset(start.defines) - MODES,
        start.before,
        start.after,
    )


def real(files: Files, path: str) -> str:
    """Without symbolic links, where it is there."""
    stat = files.stat(path)
    return path if isinstance(stat, Missing) else stat.real
