"""The files of a host as one of its running processes knows them."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar

from hostprobe.facts.elf import Elf
from hostprobe.facts.files import Files, Missing, Stat

Fact = TypeVar("Fact")
REGULAR = 0o100644


@dataclass(frozen=True, slots=True)
class Earlier:
    """An object that stood at a path when a process mapped it."""

    device: int
    inode: int
    elf: Elf


@dataclass(frozen=True, slots=True)
class Overlay:
    """The door `Files` where some paths still lead to what was there before."""

    files: Files
    earlier: Mapping[str, Earlier] = field(default_factory=dict)
    """Path without symbolic links, or one that leads nowhere now -> what stood there."""

    def stat(self, path: str) -> Stat | Missing:
        """The identity of the earlier file."""
        now = self.files.stat(path)
        if isinstance(now, Stat):
            before = self.earlier.get(now.real)
            return now if before is None else replace(now, device=before.device, inode=before.inode)
        before = self.earlier.get(path)
        if before is None:
            return now
        return Stat(path, before.device, before.inode, REGULAR, 0, 0, 0, 0)

    def list(self, path: str) -> tuple[str, ...] | Missing:
        """As it is now."""
        return self.files.list(path)

    def read(self, path: str, kind: type[Fact]) -> Fact | Missing:
        """As it is now; only of objects the earlier one is known."""
        if kind is Elf:
            return self.elf(path)  # type: ignore[return-value]  # kind is Elf
        return self.files.read(path, kind)

    def elf(self, path: str) -> Elf | Missing:
        """The earlier object."""
        now = self.files.stat(path)
        before = self.earlier.get(now.real if isinstance(now, Stat) else path)
        return self.files.elf(path) if before is None else before.elf
