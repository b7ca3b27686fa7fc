"""The stack of a thread: asked for by a directive, else what the C library gives.

glibc: nptl/nptl_init.c and allocatestack.c; musl: src/thread/default_attr.c and pthread_create.c.
"""

from dataclasses import dataclass
from enum import StrEnum

from hostprobe.facts.elf import StackSegment
from hostprobe.facts.files import Files, Missing
from hostprobe.facts.httpd import Directive
from hostprobe.facts.words import leading_number
from hostprobe.model.memory.crews import Crew, last
from hostprobe.model.memory.start_limits import Limit, StartLimits

PAGE = 4096
USUAL = 8 << 20
"""RLIMIT_STACK of a process that nobody limited (_STK_LIM of the kernel)."""

UNLIMITED = 2 << 20
"""ARCH_STACK_DEFAULT_SIZE: what an unlimited RLIMIT_STACK gives each thread."""

LEAST = 16 << 10
"""PTHREAD_STACK_MIN; a directive that asks for less is not followed."""

MUSL_USUAL, MUSL_MOST = 128 << 10, 8 << 20
"""DEFAULT_STACK_SIZE and DEFAULT_STACK_MAX; a larger PT_GNU_STACK of the program counts."""


class CLibrary(StrEnum):
    """Whose rules hold in the inspected root."""

    glibc = "glibc"
    musl = "musl"


@dataclass(frozen=True, slots=True)
class Stack:
    """The stacks of one crew's threads."""

    size: int
    """Bytes of each, the guard page not included."""

    origin: str
    """What says so: "stack-size= (site.conf:3)"."""

    is_set: bool
    """Somebody decided it, be it as unlimited; False: the default is in force."""

    @property
    def mapped(self) -> int:
        """Bytes of address space, the guard page included."""
        return -(-self.size // PAGE) * PAGE + PAGE


def c_library(files: Files, binary: str) -> CLibrary:
    """Of the program's interpreter; glibc where it cannot be read."""
    elf = files.elf(binary)
    name = b"" if isinstance(elf, Missing) else elf.interpreter or b""
    return CLibrary.musl if b"ld-musl" in name else CLibrary.glibc


def stack_of(crew: Crew, directives: tuple[Directive, ...], default: Stack) -> Stack:
    """ThreadStackSize for httpd's children, stack-size= for daemons, else the default."""
    if crew.options is None:
        directive = last(directives, "threadstacksize")
        asked = leading_number(directive.args[0]) if directive else 0
        if directive and asked >= LEAST:
            return Stack(asked, f"ThreadStackSize ({directive.where})", is_set=True)
        return default
    asked = leading_number(crew.options.options.get("stack-size", ""))
    if asked >= LEAST:
        return Stack(asked, f"stack-size= ({crew.where})", is_set=True)
    return default


def default_stack(files: Files, binary: str, limits: StartLimits) -> Stack:
    """What threads get that ask for nothing."""
    if c_library(files, binary) is CLibrary.musl:
        return musl_stack(files, binary)
    return glibc_stack(limits.stack)


def glibc_stack(limit: Limit | None) -> Stack:
    """RLIMIT_STACK as the program started, 2 MB where that is unlimited."""
    if limit is None:
        return Stack(USUAL, "the default of 8 MB, which nothing changes", is_set=False)
    if limit.value is None:
        return Stack(UNLIMITED, f"unlimited means 2 MB for a thread: {limit.origin}", is_set=True)
    size = max(-(-limit.value // PAGE) * PAGE, LEAST)
    is_usual = size == USUAL and limit.origin.startswith("/proc/")
    return Stack(size, limit.origin, is_set=not is_usual)


def musl_stack(files: Files, binary: str) -> Stack:
    """128 KB, or what the program's PT_GNU_STACK asks for."""
    segment = files.read(binary, StackSegment)
    asked = 0 if isinstance(segment, Missing) else segment.size
    if asked > MUSL_USUAL:
        return Stack(min(asked, MUSL_MOST), f"PT_GNU_STACK of {binary}", is_set=True)
    return Stack(MUSL_USUAL, "musl's default of 128 KB", is_set=False)
