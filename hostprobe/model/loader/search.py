"""From a name to a file: the search steps of ld.so(8), with the step that found it."""

from collections.abc import Callable, Iterator
from stat import S_ISDIR, S_ISREG
from typing import NamedTuple

from hostprobe.facts.elf import DF_1_NODEFLIB, Elf
from hostprobe.facts.files import Missing, Stat
from hostprobe.model.loader.directories import absolute
from hostprobe.model.loader.objects import FailureKind, FoundBy, LoadedObject, text
from hostprobe.model.loader.state import RefusedError, State

NO_FILE = "cannot open shared object file: No such file or directory"
HEADER_SIZE = {32: 52, 64: 64}
NOT_ELF = "not an ELF file"
"""How a `Missing` of parse.elf ends for a file without the magic number."""


class Candidate(NamedTuple):
    """A path that the loader would try."""

    path: str
    step: FoundBy


class Found(NamedTuple):
    """A file that the loader takes."""

    path: str
    step: FoundBy
    stat: Stat
    elf: Elf


def find(state: State, name: str, loader: LoadedObject) -> Found:
    """The file for a name that `loader` asks for, or RefusedError with glibc's complaint."""
    wrong_class = False
    unread: str | None = None
    for candidate in candidates(state, name, loader):
        answer = look(state, candidate)
        if isinstance(answer, Found):
            if unread is not None:
                state.problems += (f"{unread}; {candidate.path} was taken instead",)
            return answer
        wrong_class |= answer is FailureKind.WRONG_CLASS
        if isinstance(answer, Missing) and unread is None:
            unread = answer.reason
    raise not_found(state, name, loader, wrong_class=wrong_class, unread=unread)


def not_found(
    state: State, name: str, loader: LoadedObject, *, wrong_class: bool, unread: str | None
) -> RefusedError:
    """Why no candidate could be taken."""
    searched = tuple(f"{one.path} [{one.step}]" for one in candidates(state, name, loader))
    if unread is not None:
        error = RefusedError(FailureKind.UNREADABLE, name, f"could not be looked up: {unread}")
    elif wrong_class:
        other = 96 - state.main.elf.elf_class
        error = RefusedError(FailureKind.WRONG_CLASS, name, f"wrong ELF class: ELFCLASS{other}")
    else:
        problem = NO_FILE if searched else NO_FILE.partition(":")[0]  # no open(2), no errno
        error = RefusedError(FailureKind.NOT_FOUND, name, problem)
    error.searched = searched
    return error


def candidates(state: State, name: str, loader: LoadedObject) -> Iterator[Candidate]:
    """Every path that would be tried, in order."""
    if "/" in name:
        yield Candidate(state.directories.expand(name, loader.origin), FoundBy.PATH)
        return
    for step in state.rules.search_order:
        for path in STEPS[step](state, name, loader):
            yield Candidate(path, step)


def rpath_step(state: State, name: str, loader: LoadedObject) -> Iterator[str]:
    """DT_RPATH of the requester, of its requesters upwards, and of the executable.

    All of it only when the immediate requester has no DT_RUNPATH (`_dl_map_object`).
    """
    if loader.elf.runpath is not None:
        return
    chain: dict[LoadedObject, None] = {}
    asker: LoadedObject | None = loader
    while asker is not None and asker not in chain:
        chain[asker] = None
        asker = state.links[asker].loader
    chain[state.main] = None
    for one in chain:
        if one.elf.rpath is not None and one.elf.runpath is None:
            yield from below(state, one, one.elf.rpath, name)


def library_path_step(state: State, name: str, _: LoadedObject) -> Iterator[str]:
    """LD_LIBRARY_PATH as it was at the start of the program."""
    for directory in state.directories.library_path:
        yield from state.directories.candidates(directory, name)


def runpath_step(state: State, name: str, loader: LoadedObject) -> Iterator[str]:
    """DT_RUNPATH of the immediate requester only."""
    if loader.elf.runpath is not None:
        yield from below(state, loader, loader.elf.runpath, name)


def below(state: State, owner: LoadedObject, path: bytes, name: str) -> Iterator[str]:
    """Candidates in the directories of one DT_RPATH or DT_RUNPATH."""
    for directory in state.directories.split(text(path), owner.origin):
        yield from state.directories.candidates(directory, name)


def cache_step(state: State, name: str, loader: LoadedObject) -> Iterator[str]:
    """The one path that ld.so.cache gives; not a default directory's under DF_1_NODEFLIB."""
    path = state.directories.cache.get(name)
    if path is None:
        return
    if loader.elf.dt_flags_1 & DF_1_NODEFLIB and path.startswith(state.directories.defaults):
        return
    yield path


def default_step(state: State, name: str, loader: LoadedObject) -> Iterator[str]:
    """The directories compiled into ld.so; not under DF_1_NODEFLIB."""
    if loader.elf.dt_flags_1 & DF_1_NODEFLIB:
        return
    for directory in state.directories.defaults:
        yield from state.directories.candidates(directory, name)


STEPS: dict[FoundBy, Callable[[State, str, LoadedObject], Iterator[str]]] = {
    FoundBy.RPATH: rpath_step,
    FoundBy.LD_LIBRARY_PATH: library_path_step,
    FoundBy.RUNPATH: runpath_step,
    FoundBy.CACHE: cache_step,
    FoundBy.DEFAULT: default_step,
}


def look(state: State, candidate: Candidate) -> Found | Missing | FailureKind | None:
    """Open one candidate: taken, unreadable to us, of another class, or passed over (None).

    Raises RefusedError for what ends the search: a file that is there and is not ELF.
    """
    path = absolute(candidate.path)
    stat = state.files.stat(path)
    if isinstance(stat, Missing):
        return None if stat.not_found else stat
    if S_ISDIR(stat.mode):
        problem = "cannot read file data: Is a directory"
        raise RefusedError(FailureKind.IS_DIRECTORY, candidate.path, problem)
    elf = state.files.elf(path)
    if isinstance(elf, Missing):
        raise unusable(state, candidate.path, stat, elf)
    program = state.main.elf
    if elf.elf_class != program.elf_class:
        return FailureKind.WRONG_CLASS
    if elf.little_endian != program.little_endian:
        order = "little" if program.little_endian else "big"
        problem = f"ELF file data encoding not {order}-endian"
        raise RefusedError(FailureKind.WRONG_ENCODING, candidate.path, problem)
    if elf.machine != program.machine:
        return None
    return Found(candidate.path, candidate.step, stat, elf)


def unusable(state: State, path: str, stat: Stat, why: Missing) -> RefusedError:
    """What the loader says of a file that is no ELF object it could map."""
    if S_ISREG(stat.mode) and stat.size < HEADER_SIZE[state.main.elf.elf_class]:
        return RefusedError(FailureKind.TOO_SHORT, path, "file too short")
    if why.reason.endswith(NOT_ELF):
        return RefusedError(FailureKind.INVALID_HEADER, path, "invalid ELF header")
    return RefusedError(FailureKind.UNREADABLE, path, f"could not be read: {why.reason}")
