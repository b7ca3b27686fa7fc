"""When httpd last read its configuration, and what of it was changed since."""

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass

from hostprobe.facts.files import Files, Missing
from hostprobe.facts.httpd import HttpdBuild
from hostprobe.model.httpd.servers import servers
from hostprobe.model.instance import Instance
from hostprobe.model.running.processes import Running

USUAL = "logs/httpd.pid"
"""DEFAULT_PIDLOG of a build that keeps httpd's own layout."""

SECOND = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Reading:
    """The last reading of the configuration by a running httpd."""

    at: float
    """Seconds since the epoch."""

    changed: tuple[str, ...]
    """Configuration files that are newer, in the order of reading, then directories of such files
    where an entry came, went or was exchanged."""

    def rests_on(self, texts: str) -> tuple[str, ...]:
        """The changed files that a text names, directories by what is in them."""
        return tuple(path for path in self.changed if path in texts)


def last_reading(files: Files, instance: Instance, running: Running) -> Reading:
    """Every MPM writes PidFile anew at the end of each restart (ap_log_pid, server/log.c)."""
    began = running.parent.started
    stat = files.stat(pid_file(instance))
    at = began if isinstance(stat, Missing) else max(began, stat.mtime_ns / SECOND)
    return Reading(at, tuple(newer(files, instance, int(at * SECOND))))


def pid_file(instance: Instance) -> str:
    """Path of PidFile; the last directive counts."""
    start, build = instance.configuration.start, instance.build
    named = [one for one in servers(instance.configuration)[0].directives if one.key == "pidfile"]
    root = build.root if isinstance(build, HttpdBuild) and build.root else ""
    path = named[-1].args[0] if named and named[-1].args else posixpath.join(root, USUAL)
    return posixpath.join(start.server_root, path)


def newer(files: Files, instance: Instance, since: int) -> Iterator[str]:
    """Files, then directories of included ones: an entry may have come, gone or been exchanged."""
    read = instance.configuration.files
    yield from (path for path in read if is_newer(files, path, since))
    for folder in dict.fromkeys(posixpath.dirname(path) for path in read[1:]):
        if is_newer(files, folder, since):
            yield f"{folder}/"


def is_newer(files: Files, path: str, since: int) -> bool:
    """It is there, and was changed after that time (nanoseconds)."""
    stat = files.stat(path)
    return not isinstance(stat, Missing) and stat.mtime_ns > since
