"""What one process may use, and what it uses (proc(5), getrlimit(2), sh(1))."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ProcessLimits:
    """Soft limits of /proc/PID/limits; None is unlimited."""

    stack: int | None
    """RLIMIT_STACK, bytes: the default stack of a thread, as it was when the program started."""

    data: int | None
    """RLIMIT_DATA, bytes: private writable memory; since Linux 4.7 stacks of threads count."""

    address_space: int | None
    """RLIMIT_AS, bytes: everything mapped or merely reserved."""

    processes: int | None
    """RLIMIT_NPROC: threads of all processes of the same real user."""


@dataclass(frozen=True, slots=True)
class ProcessStatus:
    """The memory lines of /proc/PID/status."""

    size: int
    """VmSize, bytes: what RLIMIT_AS counts."""

    data: int
    """VmData, bytes: what RLIMIT_DATA counts."""

    resident: int
    """VmRSS, bytes; pages that processes share count in each of them."""

    threads: int


@dataclass(frozen=True, slots=True)
class ArenaHeaps:
    """Heaps of glibc's secondary malloc arenas among the mappings of a process."""

    count: int
    """Each reserves 64 MB of address space (malloc/arena.c, HEAP_MAX_SIZE)."""


@dataclass(frozen=True, slots=True)
class ShellLimits:
    """`ulimit` commands of a shell file, in order."""

    settings: tuple[tuple[str, int | None, int], ...]
    """(option letter, value, line); bytes where the shell counts in kilobytes, None: unlimited."""
