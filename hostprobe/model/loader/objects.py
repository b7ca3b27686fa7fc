"""What the loader model speaks of: loaded objects, and loads that fail."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from hostprobe.facts.elf import Elf
from hostprobe.facts.plan import Open


class Reason(StrEnum):
    """Why an object is in the process."""

    MAIN = "main"
    PRELOAD = "preload"
    NEEDED = "needed"
    DLOPEN = "dlopen"


class FoundBy(StrEnum):
    """The search step that found the file (ld.so(8))."""

    RPATH = "rpath"
    LD_LIBRARY_PATH = "ld_library_path"
    RUNPATH = "runpath"
    CACHE = "cache"
    DEFAULT = "default"
    PATH = "path"
    """The name has a slash: no search."""

    LOADED = "loaded"
    """Mapped by the kernel before any search: the program interpreter."""


@dataclass(frozen=True, slots=True, eq=False)
class LoadedObject:
    """An object in one process, from its mapping to its unmapping; compared by identity."""

    path: str
    """As glibc spells it: the name after expansion, or directory plus name, never normalised."""

    real: str
    """The file's path without symbolic links."""

    elf: Elf = field(repr=False)
    reason: Reason
    requester: "LoadedObject | None" = field(repr=False)
    """Whose NEEDED asked for it, or who called dlopen; None: nobody, or the main program."""

    found_by: FoundBy
    cause: Open | None = field(repr=False)
    """The dlopen that brought it in; None at the start of the program."""

    file: int = field(repr=False)
    """Number of the file; the same file has it again when it is loaded again."""

    nodes: Mapping[int, bytes] = field(repr=False)
    """DT_VERSYM index -> node name, of definitions and of needs."""

    @property
    def soname(self) -> str | None:
        """DT_SONAME as text."""
        return None if self.elf.soname is None else text(self.elf.soname)

    @property
    def origin(self) -> str:
        """What $ORIGIN stands for: the executable's real directory, else the path's as spelled."""
        path = self.real if self.reason is Reason.MAIN else self.path
        return path.rpartition("/")[0] or "/"


class FailureKind(StrEnum):
    """What the loader complains about."""

    NOT_FOUND = "not-found"
    WRONG_CLASS = "wrong-elf-class"
    INVALID_HEADER = "invalid-elf-header"
    TOO_SHORT = "file-too-short"
    IS_DIRECTORY = "is-a-directory"
    WRONG_ENCODING = "wrong-data-encoding"
    NO_DYNAMIC_SECTION = "no-dynamic-section"
    IS_EXECUTABLE = "is-an-executable"
    NOT_OPENABLE = "not-dlopenable"
    EXECUTABLE_STACK = "executable-stack"
    MISSING_VERSION = "missing-version"
    UNDEFINED_SYMBOL = "undefined-symbol"
    INVALID_MODE = "invalid-mode"
    NOT_LOADED = "not-loaded"
    """RTLD_NOLOAD of what is not there; dlopen says nothing."""

    ABORT = "abort"
    """An assertion of ld.so: the whole process ends."""

    UNREADABLE = "unreadable"
    """hostprobe could not read the file; what the loader would do is not known."""


@dataclass(frozen=True, slots=True)
class LoadFailure:
    """A program start or a dlopen that fails."""

    path: str
    """The main program, or the name passed to dlopen."""

    kind: FailureKind
    message: str
    """What dlerror(3) or ld.so says, or for UNREADABLE what hostprobe says."""

    object: str
    """The object or name that failed, as glibc names it."""

    missing: str
    """The name, version node or symbol that is missing; else the object."""

    requesters: tuple[str, ...] = ()
    """Who asked for it: the first opened object first, the immediate requester last."""

    searched: tuple[str, ...] = ()
    """Paths considered in this order, with the search step in brackets; subdirectories that do
    not exist are left out."""

    cause: Open | None = None
    """None: at the start of the program."""


def text(name: bytes) -> str:
    """Bytes of a file as text that keeps every byte."""
    return name.decode("utf-8", "surrogateescape")
