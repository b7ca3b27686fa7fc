"""What one process opens and closes through dlopen, in order."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntFlag


class OpenFlags(IntFlag):
    """dlopen(3) flags under their names without RTLD_; glibc's values, MIPS apart."""

    LAZY = 0x1
    NOW = 0x2
    NOLOAD = 0x4
    DEEPBIND = 0x8
    GLOBAL = 0x100
    NODELETE = 0x1000


@dataclass(frozen=True, slots=True)
class Open:
    """One dlopen call."""

    path: str
    """As passed to dlopen: with a slash a path, without one a name to search."""

    flags: OpenFlags
    caller: str | None = None
    """Path or soname of the object whose code calls dlopen; None: the main program."""

    by: str = "plan"
    """Which adapter says so: apr, apr-util, php, python, perl, libc or plan."""

    guess: str = ""
    """Why this operation is not certain; empty when it follows from files."""

    where: str = ""
    """The directive or ini entry that asks for it, as file:line."""

    is_kept: bool = False
    """Who opened it never closes it: it stays over restarts of httpd."""


@dataclass(frozen=True, slots=True)
class Close:
    """One dlclose call; undoes one open of that path."""

    path: str


@dataclass(frozen=True, slots=True)
class Plan:
    """A main program, its environment and its operations."""

    main: str
    operations: tuple[Open | Close, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    """Only LD_PRELOAD, LD_LIBRARY_PATH, LD_BIND_NOW, GLIBC_TUNABLES and PERL_DL_NONLAZY matter."""
