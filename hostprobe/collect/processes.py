"""Running httpd processes, from one reading of /proc (proc(5)).

Who is an httpd is told by its executable's name, or by its own short name where the executable may
not be read; only those are asked for more. A process that ends meanwhile is left out.
"""

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from stat import S_ISREG
from typing import NamedTuple

from hostprobe.collect.root import missing, stat_of
from hostprobe.facts.files import Missing, Stat
from hostprobe.facts.process import HttpdProcess, MappedFile, Mappings, Processes
from hostprobe.parse.error import ParseError
from hostprobe.parse.maps import parse_maps, parse_unix_sockets

PROC = "/proc"
DELETED = " (deleted)"
NAMES = re.compile(r"(apache2?|httpd2?)([.-][\w.-]*)?")
"""apache2, httpd, httpd.worker, httpd-prefork, httpd2-prefork."""

RUNNING_FILE = re.compile(r"/proc/\d+/(map_files/[0-9a-f]+-[0-9a-f]+|exe)")
"""The file that is mapped, whatever its name leads to by now."""

RUNNING_PATH = re.compile(r"/proc/\d+/root/.")
"""A path as a process with other mounts sees it."""

MAX_MAPS, MAX_SOCKETS = 4 << 20, 64 << 20
"""Bytes."""

HIDDEN = "/proc hides the processes of other users (hidepid): whether httpd runs is not known"


class GoneError(Exception):
    """The process ended while it was read."""


class Identity(NamedTuple):
    """Whose process it is and how it was started."""

    parent: int
    uid: int
    started: float
    command: tuple[str, ...]


class View(NamedTuple):
    """How a process sees the file system."""

    root: str
    """Prefix of its paths; "" for ours."""

    is_contained: bool


def collect_processes(path: str) -> Processes | Missing:
    """The httpds of this host for "/proc"; for "/proc/PID" all processes of one's program."""
    if path == PROC:
        return everything()
    try:
        return of_program(int(path.removeprefix(f"{PROC}/")))
    except ValueError:
        return Missing(f"{path}: names no process", not_found=True)
    except OSError as error:
        return missing(path, error)


def everything() -> Processes:
    """Every process that is called like an httpd."""
    pids = list_pids()
    programs = {pid: program for pid in pids if (program := httpd_program(pid)) is not None}
    hidden = () if 1 in pids else (HIDDEN,)
    return Reading(programs).processes(hidden)


def of_program(pid: int) -> Processes | Missing:
    """The process and all others with the same executable; OSError when it is not there."""
    if state(pid) == "Z":
        return Missing(f"{PROC}/{pid}: has ended and waits for its parent (a zombie)")
    program = program_of(pid)
    same = {other: program for other in list_pids() if is_program(other, program)}
    found = Reading(same).processes(())
    if all(one.pid != pid for one in found.all) and not found.problems:
        return Missing(f"{PROC}/{pid}: ended while it was read", not_found=True)
    return found


def list_pids() -> tuple[int, ...]:
    """Processes that /proc shows."""
    return tuple(sorted(int(name) for name in os.listdir(PROC) if name.isdecimal()))  # noqa: PTH208


def program_of(pid: int) -> str:
    """Its executable's path; OSError without permission, for a zombie, for a kernel thread."""
    return os.readlink(f"{PROC}/{pid}/exe")  # noqa: PTH115


def is_program(pid: int, program: str) -> bool:
    """It runs this executable, or what was this executable when it started."""
    with suppress(OSError):
        return program_of(pid).removesuffix(DELETED) == program.removesuffix(DELETED)
    return False


def httpd_program(pid: int) -> str | None:
    """The executable of an httpd; "" where only its short name says so, None for all others."""
    try:
        program = program_of(pid)
    except PermissionError:
        return "" if NAMES.fullmatch(short_name(pid)) else None
    except OSError:
        return None
    name = program.removesuffix(DELETED).rpartition("/")[2]
    return program if NAMES.fullmatch(name) else None


def short_name(pid: int) -> str:
    """/proc/PID/comm."""
    with suppress(OSError):
        return read_bytes(f"{PROC}/{pid}/comm", 64).rstrip(b"\n").decode("utf-8", "replace")
    return ""


def state(pid: int) -> str:
    """The letter behind the name in /proc/PID/stat."""
    return read_bytes(f"{PROC}/{pid}/stat", 4096).rpartition(b")")[2].decode("ascii")[1:2]


def read_bytes(path: str, cap: int) -> bytes:
    """At most `cap` bytes of a file in /proc, whose size nobody tells."""
    with open(path, "rb") as stream:  # noqa: PTH123
        return stream.read(cap)


@dataclass(slots=True)
class Reading:
    """One reading of some processes."""

    programs: Mapping[int, str]
    """pid -> executable; "" where it may not be known."""

    problems: list[str] = field(default_factory=list)
    _views: dict[tuple[str, str], View] = field(default_factory=dict)
    """By mount namespace and root directory."""

    _mappings: dict[bytes, Mappings] = field(default_factory=dict)
    """By the lines that name a file."""

    _sockets: dict[str, dict[int, str]] = field(default_factory=dict)
    """By network namespace: hostprobe's own may be another one."""

    def processes(self, problems: tuple[str, ...]) -> Processes:
        """Those that are still there, oldest first."""
        found = [one for pid, program in self.programs.items() for one in self.one(pid, program)]
        found.sort(key=lambda one: (one.started, one.pid))
        return Processes(tuple(found), (*problems, *dict.fromkeys(self.problems)))

    def one(self, pid: int, program: str) -> Iterator[HttpdProcess]:
        """The facts of one process; nothing for one that ended."""
        try:
            who = identity(pid)
            if program:
                yield self.facts(pid, program, who)
            else:
                self.problems.append(
                    f"{PROC}/{pid}: a process of user {who.uid}: permission denied"
                )
        except (GoneError, FileNotFoundError, ProcessLookupError):
            return

    def facts(self, pid: int, program: str, who: Identity) -> HttpdProcess:
        """Everything of one process that may be read."""
        files, unread = self.mapped(pid)
        view = self.view(pid)
        return HttpdProcess(
            pid=pid,
            parent=who.parent,
            session=os.getsid(pid),
            uid=who.uid,
            started=round(who.started, 2),
            program=program.removesuffix(DELETED),
            command=who.command,
            environment=None if who.parent in self.programs else environment(pid),
            files=files,
            sockets=tuple(held_sockets(pid, self.bound(pid))),
            directory=working_directory(pid),
            root=view.root,
            is_contained=view.is_contained,
            unread=unread,
        )

    def mapped(self, pid: int) -> tuple[tuple[MappedFile, ...], str | None]:
        """Its mapped files, and why they are not all; GoneError when it has none any more."""
        path = f"{PROC}/{pid}/maps"
        try:
            data = read_bytes(path, MAX_MAPS)
            found = self.parsed(data)
        except PermissionError as error:
            return (), missing(path, error).reason
        except ParseError as error:
            return (), f"{path}: {error}"
        if not data:
            raise GoneError
        is_cut = found.is_cut or len(data) == MAX_MAPS
        return found.files, f"{path}: too many mappings, the rest is not read" if is_cut else None

    def parsed(self, data: bytes) -> Mappings:
        """Children have the very lines of their parent, but for memory without a file."""
        whole = data[: data.rfind(b"\n")] if len(data) == MAX_MAPS else data
        lines = b"\n".join([line for line in whole.split(b"\n") if b"/" in line])
        if lines not in self._mappings:
            self._mappings[lines] = parse_maps(lines)
        return self._mappings[lines]

    def bound(self, pid: int) -> Mapping[int, str]:
        """Inode -> path of every bound Unix socket where a process is; none where nobody tells."""
        with suppress(PermissionError):
            namespace = os.readlink(f"{PROC}/{pid}/ns/net")  # noqa: PTH115
            if namespace not in self._sockets:
                self._sockets[namespace] = unix_sockets(pid)
            return self._sockets[namespace]
        return {}

    def view(self, pid: int) -> View:
        """How it sees the file system; as hostprobe does where that may not be asked."""
        with suppress(PermissionError):
            place = f"{PROC}/{pid}"
            links = (os.readlink(f"{place}/ns/mnt"), os.readlink(f"{place}/root"))  # noqa: PTH115
            if links not in self._views:
                self._views[links] = view_of(pid, links[0])
            return self._views[links]
        return View("", is_contained=False)


def view_of(pid: int, namespace: str) -> View:
    """The view of a mount namespace and a root directory through one process that has both.

    systemd's PrivateTmp gives a namespace of its own with the same root; a container has another.
    """
    theirs, ours = os.stat(f"{PROC}/{pid}/root/"), os.stat("/")  # noqa: PTH116
    is_contained = (theirs.st_dev, theirs.st_ino) != (ours.st_dev, ours.st_ino)
    is_ours = namespace == os.readlink(f"{PROC}/self/ns/mnt")  # noqa: PTH115
    return View("" if is_ours else f"{PROC}/{pid}/root", is_contained)


def identity(pid: int) -> Identity:
    """Parent, user, start and command line; GoneError for a process that ended."""
    import psutil  # noqa: PLC0415  costs 20 ms, and most hosts of a fleet job have no httpd

    try:
        process = psutil.Process(pid)
        with process.oneshot():
            return Identity(
                process.ppid(),
                process.uids().effective,
                process.create_time(),
                tuple(process.cmdline()),
            )
    except psutil.NoSuchProcess as error:
        raise GoneError from error
    except psutil.AccessDenied as error:
        raise PermissionError(13, "permission denied") from error


def environment(pid: int) -> Mapping[str, str] | None:
    """Variables at its exec; None where they may not be read."""
    import psutil  # noqa: PLC0415  imported already

    try:
        return dict(psutil.Process(pid).environ())
    except psutil.NoSuchProcess as error:
        raise GoneError from error
    except psutil.AccessDenied:
        return None


def working_directory(pid: int) -> str | None:
    """Where it stands, without " (deleted)"; None where that may not be read."""
    with suppress(PermissionError):
        return os.readlink(f"{PROC}/{pid}/cwd").removesuffix(DELETED)  # noqa: PTH115
    return None


def held_sockets(pid: int, bound: Mapping[int, str]) -> Iterator[str]:
    """Paths of the bound Unix sockets among its descriptors; none where they may not be read."""
    place = f"{PROC}/{pid}/fd"
    with suppress(OSError):
        for name in os.listdir(place):  # noqa: PTH208
            target = os.readlink(f"{place}/{name}")  # noqa: PTH115
            if target.startswith("socket:["):
                path = bound.get(int(target[8:-1]))
                if path is not None:
                    yield path


def unix_sockets(pid: int) -> dict[int, str]:
    """Inode -> path of the bound Unix sockets of a process's network namespace."""
    with suppress(OSError):
        return parse_unix_sockets(read_bytes(f"{PROC}/{pid}/net/unix", MAX_SOCKETS))
    return {}


def stat_running(path: str) -> Stat | Missing:
    """A path as a process with other mounts sees it."""
    try:
        return stat_of(path, os.stat(path))  # noqa: PTH116
    except (OSError, ValueError) as error:
        return missing(path, error)


def is_running_file(path: str) -> bool:
    """One of /proc's own links to the very file that a process has mapped."""
    return RUNNING_FILE.fullmatch(path) is not None


def is_running_path(path: str) -> bool:
    """A path below a process's own root directory."""
    return RUNNING_PATH.match(path) is not None


@contextmanager
def open_running(path: str) -> Iterator[tuple[int, os.stat_result]]:
    """A descriptor of the regular file behind such a link and its fstat; OSError for all else.

    Following /proc/PID/map_files takes CAP_CHECKPOINT_RESTORE or CAP_SYS_ADMIN (proc(5)).
    """
    if not S_ISREG(os.stat(path).st_mode):  # noqa: PTH116
        raise OSError(0, "not a regular file")
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
    try:
        yield descriptor, os.fstat(descriptor)
    finally:
        os.close(descriptor)
