"""The live door: `Files` over a directory of this machine, memoised and recorded."""

import errno
import os
from collections.abc import Callable
from typing import Any, TypeVar

from hostprobe.collect.denials import collect_denials
from hostprobe.collect.elf import read_elf, read_outside_code
from hostprobe.collect.error_log import read_error_log, read_log_clock, read_oom_log
from hostprobe.collect.kinds import CAPS, DEFAULT_CAP, PARSERS
from hostprobe.collect.packages import Packages
from hostprobe.collect.policies import Policies
from hostprobe.collect.processes import (
    collect_processes,
    is_running_file,
    is_running_path,
    open_running,
    stat_running,
)
from hostprobe.collect.record import Record
from hostprobe.collect.root import Root, missing
from hostprobe.facts.access import AccessControlList, SymbolicLink
from hostprobe.facts.capability import FileCapabilities
from hostprobe.facts.denial import DenialLog
from hostprobe.facts.elf import Elf
from hostprobe.facts.error_log import ErrorLog, LogClock
from hostprobe.facts.extension import ExtensionTexts, ModuleDefinitions
from hostprobe.facts.files import Missing, Stat
from hostprobe.facts.memory import DiskSpace, OomLog
from hostprobe.facts.package import Owner
from hostprobe.facts.process import Processes
from hostprobe.facts.selinux import FileLabel, PolicyBooleans, UsualLabel, Verdicts
from hostprobe.parse.acl import parse_acl
from hostprobe.parse.capability import parse_capabilities
from hostprobe.parse.error import ParseError
from hostprobe.parse.selinux import parse_file_label

Fact = TypeVar("Fact")
Answer = TypeVar("Answer")


OUTSIDE_CODE = frozenset({ExtensionTexts, ModuleDefinitions})
"""Facts of objects that are in their data: the code, most of the file, is not read."""

NOT_RUNNING = "this root is not the running system"


class LiveFiles:
    """Reads inside `root`; every answer is kept in `record`, negative ones too."""

    def __init__(self, root: str = "/") -> None:
        self.root = Root(root)
        self.record = Record()
        self._packages = Packages(self.bytes, self.root.names)
        self._policies = Policies(self.bytes, self.stat)
        self._objects: dict[tuple[int, int], Elf | Missing] = {}

    def close(self) -> None:
        """Release descriptors and end children; what is recorded stays."""
        self._policies.close()
        self.root.close()

    def stat(self, path: str) -> Stat | Missing:
        """Follow symbolic links inside the root and stat the target."""
        return kept(self.record.stats, path, lambda: self._stat(path))

    def list(self, path: str) -> tuple[str, ...] | Missing:
        """Names in a directory, sorted bytewise, without `.` and `..`."""
        return kept(self.record.lists, path, lambda: self.root.names(path))

    def read(self, path: str, kind: type[Fact]) -> Fact | Missing:
        """Parse a regular file into the fact type `kind`; a parse error is `Missing`."""
        if kind is Elf:
            return self.elf(path)  # type: ignore[return-value]  # kind is Elf
        answers: dict[str, Any] = self.record.facts.setdefault(kind, {})
        fact: Fact | Missing = kept(answers, path, lambda: self._fact(path, kind))
        return fact

    def elf(self, path: str) -> Elf | Missing:
        """The ELF object at `path`; one parse per (device, inode)."""
        return kept(self.record.objects, path, lambda: self._object(path))

    def bytes(self, path: str, cap: int = DEFAULT_CAP) -> bytes | Missing:
        """The content of a regular file of at most `cap` bytes; not recorded."""
        real = self.root.resolve(path)
        if isinstance(real, Missing):
            return real
        try:
            with self.root.open(real) as (descriptor, status):
                if status.st_size > cap:
                    return Missing(f"{path}: larger than {cap} bytes")
                data = read_up_to(descriptor, cap + 1, status.st_size)
        except OSError as error:
            return missing(path, error)
        return data if len(data) <= cap else Missing(f"{path}: larger than {cap} bytes")

    @property
    def is_running(self) -> bool:
        """The root is the running system's own, so that its /proc tells of the same files."""
        return self.root.directory == "/"

    def _stat(self, path: str) -> Stat | Missing:
        if self.is_running and is_running_path(path):
            return stat_running(path)
        return self.root.stat(path)

    def _fact(self, path: str, kind: type[Fact]) -> Any:
        if kind is Owner:
            real = self.root.resolve(path)
            return real if isinstance(real, Missing) else self._packages.owner(real)
        if kind is Processes:
            return collect_processes(path) if self.is_running else Missing(NOT_RUNNING, True)  # noqa: FBT003
        if kind in SPECIAL:
            return SPECIAL[kind](self.root, path)
        if kind in OUTSIDE_CODE:
            return self._outside_code(path, kind)
        if kind in POLICY:
            return POLICY[kind](self._policies, path)
        data = self.bytes(path, CAPS.get(kind, DEFAULT_CAP))
        return data if isinstance(data, Missing) else parsed(path, kind, data)

    def _outside_code(self, path: str, kind: type[Fact]) -> Fact | Missing:
        real = self.root.resolve(path)
        if isinstance(real, Missing):
            return real
        try:
            with self.root.open(real) as (descriptor, status):
                if status.st_size > CAPS[kind]:
                    return Missing(f"{path}: larger than {CAPS[kind]} bytes")
                return parsed(path, kind, read_outside_code(descriptor, status.st_size))
        except OSError as error:
            return missing(path, error)

    def _object(self, path: str) -> Elf | Missing:
        if self.is_running and is_running_file(path):
            return self._running_object(path)
        stat = self.root.stat(path)
        if isinstance(stat, Missing):
            return stat
        identity = (stat.device, stat.inode)
        if identity not in self._objects:
            self._objects[identity] = self._parse_object(path, stat.real)
        return self._objects[identity]

    def _running_object(self, path: str) -> Elf | Missing:
        found = self._parse_object(path, path)
        if isinstance(found, Missing) and found.reason.endswith(": not an ELF file"):
            return Missing(found.reason, not_found=True)
        return found

    def _parse_object(self, path: str, real: str) -> Elf | Missing:
        is_link = self.is_running and is_running_file(path)
        try:
            with open_running(path) if is_link else self.root.open(real) as (descriptor, status):
                if status.st_size > CAPS[Elf]:
                    return Missing(f"{path}: larger than {CAPS[Elf]} bytes")
                return parsed(path, Elf, read_elf(descriptor, status.st_size))
        except OSError as error:
            return missing(path, error)


def capabilities(root: Root, path: str) -> FileCapabilities | Missing:
    """Of a file; one without them is not found."""
    return attribute(root, path, "security.capability", parse_capabilities)


def access_control_list(root: Root, path: str) -> AccessControlList | Missing:
    """Of a file or directory; one without any is not found."""
    return attribute(root, path, "system.posix_acl_access", parse_acl)


def attribute(root: Root, path: str, name: str, parse: Callable[[bytes], Fact]) -> Fact | Missing:
    """An extended attribute."""
    real = root.resolve(path)
    if isinstance(real, Missing):
        return real
    try:
        return parse(root.attribute(real, name))
    except ParseError as error:
        return Missing(f"{path}: {error}")
    except OSError as error:
        absent = error.errno in {errno.ENODATA, errno.ENOTSUP}
        return Missing(f"{path}: {(error.strerror or str(error)).lower()}", not_found=absent)


def file_label(root: Root, path: str) -> FileLabel | Missing:
    """Of a file or directory, links followed; where there is no SELinux there is none."""
    return attribute(root, path, "security.selinux", parse_file_label)


def disk_space(root: Root, path: str) -> DiskSpace | Missing:
    """Of the file system that a directory is on."""
    real = root.resolve(path)
    if isinstance(real, Missing):
        return real
    try:
        found = os.statvfs(root.directory if real == "/" else root.directory + real)
    except (OSError, ValueError) as error:
        return missing(path, error)
    return DiskSpace(
        found.f_blocks * found.f_frsize, (found.f_blocks - found.f_bfree) * found.f_frsize
    )


SPECIAL: dict[type, Callable[[Root, str], Any]] = {
    AccessControlList: access_control_list,
    DenialLog: collect_denials,
    DiskSpace: disk_space,
    ErrorLog: read_error_log,
    LogClock: read_log_clock,
    FileCapabilities: capabilities,
    FileLabel: file_label,
    SymbolicLink: Root.link,
    OomLog: read_oom_log,
}
"""Facts that are not the whole content of a regular file."""

POLICY: dict[type, Callable[[Policies, str], Any]] = {
    PolicyBooleans: Policies.booleans,
    UsualLabel: Policies.usual_label,
    Verdicts: Policies.verdicts,
}
"""Answers of a policy to what stands behind the path."""


def kept(answers: dict[str, Answer], path: str, ask: Callable[[], Answer]) -> Answer:
    """The remembered answer, or the one that `ask` gives now."""
    if path not in answers:
        answers[path] = ask()
    return answers[path]


def parsed(path: str, kind: type[Fact], data: Any) -> Fact | Missing:
    """Bytes to fact; whatever goes wrong in a parser costs this one file only."""
    parser = PARSERS.get(kind)
    if parser is None:
        return Missing(f"{path}: hostprobe has no parser for {kind.__name__}")
    try:
        fact: Fact = parser(data)
    except ParseError as error:
        return Missing(f"{path}: {error}")
    except Exception as error:  # noqa: BLE001  a parser's own fault must not end the scan
        return Missing(f"{path}: internal error while parsing: {type(error).__name__}: {error}")
    return fact


def read_up_to(descriptor: int, limit: int, size: int) -> bytes:
    """At most `limit` bytes; `size` as stat gives it, which is 0 or too large in /proc and /sys."""
    pieces, total = [], 0
    while total < limit:
        piece = os.read(descriptor, min(max(size + 1 - total, 1 << 16), limit - total))
        pieces.append(piece)
        total += len(piece)
        # a read that ends where the file ends needs no second one to see the end
        if not piece or total == size:
            break
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)
