"""Directories that a search walks: tokens, capability subdirectories, ld.so.cache (ld.so(8))."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from hostprobe.facts.elf import Elf
from hostprobe.facts.files import Files, Missing
from hostprobe.facts.linker import LinkerCache
from hostprobe.model.loader.objects import text
from hostprobe.model.loader.rules import (
    Habit,
    Machine,
    Rules,
    default_directories,
    lib_token,
    subdirectories,
)

CACHE_FILE = "/etc/ld.so.cache"
TOKEN = re.compile(r"\$(?:\{(ORIGIN|LIB|PLATFORM)\}|(ORIGIN|LIB|PLATFORM))")


@dataclass(slots=True)
class Directories:
    """What a search reads that does not change while the process lives; forks share it."""

    files: Files
    tokens: Mapping[str, str]
    """LIB and PLATFORM."""

    defaults: tuple[str, ...]
    subdirectories: tuple[str, ...]
    cache: Mapping[str, str]
    """Name -> the path that ld.so.cache gives this processor."""

    library_path: tuple[str, ...] = ()
    present: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Directory -> which of its subdirectories exist, with "" for itself at the end."""

    def expand(self, name: str, origin: str) -> str:
        """Replace $ORIGIN, $LIB and $PLATFORM, with or without braces."""
        if "$" not in name:
            return name
        values = {**self.tokens, "ORIGIN": origin}
        return TOKEN.sub(lambda found: values[found[1] or found[2]], name)

    def split(self, path: str, origin: str, separators: str = ":") -> tuple[str, ...]:
        """The directories of one search path, each with one slash at its end, without repeats.

        An empty element is the working directory, an empty path is none at all.
        """
        if not path:
            return ()
        found = (self.expand(one, origin) for one in re.split(f"[{separators}]", path))
        return tuple(dict.fromkeys(f"{one.rstrip('/')}/" if one else "./" for one in found))

    def candidates(self, directory: str, name: str) -> Iterator[str]:
        """Paths of a name below one directory, capability subdirectories first."""
        below = self.present.get(directory)
        if below is None:
            below = self.present[directory] = (*self._existing(directory), "")
        return (f"{directory}{one}{name}" for one in below)

    def _existing(self, directory: str) -> Iterator[str]:
        roots: dict[str, bool] = {}
        for one in self.subdirectories:
            root = one.partition("/")[0]
            if root not in roots:
                roots[root] = self.exists(directory + root)
            if roots[root] and (one == f"{root}/" or self.exists(directory + one.rstrip("/"))):
                yield one

    def exists(self, path: str) -> bool:
        """Something is at the path; what cannot be read may be there."""
        answer = self.files.stat(absolute(path))
        return not (isinstance(answer, Missing) and answer.not_found)


def absolute(path: str) -> str:
    """A path as the inspected root knows it; httpd's working directory is taken to be /."""
    return path if path.startswith("/") else f"/{path.removeprefix('./')}"


def directories(files: Files, rules: Rules, program: Elf) -> Directories:
    """Prepare the searches of a process that runs `program`."""
    machine = rules.machine(program)
    interpreter = real_interpreter(files, program)
    lib = lib_token(machine, interpreter)
    return Directories(
        files,
        {"LIB": lib, "PLATFORM": rules.platform or machine.platform},
        default_directories(machine, interpreter),
        subdirectories(rules, machine),
        cached_paths(files, rules, machine),
    )


def real_interpreter(files: Files, program: Elf) -> str:
    """PT_INTERP without symbolic links; the directory tells the distribution's layout."""
    path = text(program.interpreter or b"")
    answer = files.stat(path) if path else None
    return path if answer is None or isinstance(answer, Missing) else answer.real


def cached_paths(files: Files, rules: Rules, machine: Machine) -> Mapping[str, str]:
    """Of each name the entry with the best supported capability, else the first."""
    cache = files.read(CACHE_FILE, LinkerCache)
    if isinstance(cache, Missing):
        return {}
    levels = rules.levels if rules.has(Habit.HWCAPS_SUBDIRECTORIES) else ()
    ranks = {level: rank for rank, level in enumerate((*levels, ""))}
    best: dict[bytes, tuple[int, bytes]] = {}
    for entry in cache.entries:
        rank = ranks.get(entry.hwcap)
        if rank is None or entry.flags != machine.cache_flags:
            continue
        known = best.get(entry.soname)
        if known is None or rank < known[0]:
            best[entry.soname] = (rank, entry.path)
    return {text(name): text(path) for name, (_, path) in best.items()}
