"""Extensions in the directories of a search path."""

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass

from hostprobe.facts.files import Files, Missing, is_directory
from hostprobe.model.instance import Extension

TAGGED = re.compile(r"(.+?)\.(?:cpython-\d+[a-z]*-.+|abi3)\.so$")
MAX_DIRECTORIES = 20_000
MAX_DEPTH = 12
MAX_FOREIGN = 1000
KERNEL = frozenset({"/dev", "/proc", "/sys"})
"""What home=/ puts on the search path too; no package is there."""


@dataclass(frozen=True, slots=True)
class Listing:
    """What one directory of a search path offers."""

    extensions: tuple[Extension, ...]
    foreign: tuple[str, ...]
    """Paths of extensions of another ABI without a fitting twin."""

    problems: tuple[str, ...] = ()


def list_extensions(files: Files, directory: str, suffixes: tuple[str, ...]) -> Listing:
    """Walk the packages below one directory; names that cannot be imported are left out."""
    walk = _Walk(files, suffixes)
    walk.enter(directory, "", 0)
    return Listing(tuple(walk.extensions), tuple(walk.foreign[:MAX_FOREIGN]), walk.problems())


class _Walk:
    def __init__(self, files: Files, suffixes: tuple[str, ...]) -> None:
        self.extensions: list[Extension] = []
        self.foreign: list[str] = []
        self._files = files
        self._suffixes = suffixes
        self._seen: set[str] = set()
        self._is_cut: str | None = None

    def problems(self) -> tuple[str, ...]:
        return (self._is_cut,) if self._is_cut else ()

    def enter(self, directory: str, package: str, depth: int) -> None:
        names = self._files.list(directory)
        if isinstance(names, Missing) or self._is_repeated(directory, depth):
            return
        self._objects(directory, package, [name for name in names if name.endswith(".so")])
        for name in names:
            if name.isidentifier() and name != "__pycache__":
                self.enter(posixpath.join(directory, name), f"{package}{name}.", depth + 1)

    def _is_repeated(self, directory: str, depth: int) -> bool:
        """A symlink loop or a directory that was reached already; also at a limit."""
        if depth > MAX_DEPTH or len(self._seen) >= MAX_DIRECTORIES:
            self._is_cut = f"{directory}: not searched, the tree is too deep or too large"
            return True
        stat = self._files.stat(directory)
        if isinstance(stat, Missing) or stat.real in self._seen or stat.real in KERNEL:
            return True
        self._seen.add(stat.real)
        return False

    def _objects(self, directory: str, package: str, names: list[str]) -> None:
        fitting: dict[str, str] = {}
        for suffix in reversed(self._suffixes):
            fitting.update(self._with(names, suffix))
        for module in sorted(fitting):
            path = f"{directory}/{fitting[module]}"
            if self._is_extension(path, module):
                self.extensions.append(Extension(f"{package}{module}", path))
        for name in names:
            match = TAGGED.match(name)
            if match and match[1] not in fitting and match[1].isidentifier():
                self.foreign.append(f"{directory}/{name}")

    def _with(self, names: list[str], suffix: str) -> Iterator[tuple[str, str]]:
        for name in names:
            if name.endswith(suffix) and (module := name[: -len(suffix)]).isidentifier():
                yield module, name

    def _is_extension(self, path: str, module: str) -> bool:
        return is_extension(self._files, path, module)


def is_extension(files: Files, path: str, module: str) -> bool:
    """A name without an ABI tag may as well be a library: then PyInit_ or init must be there."""
    if is_directory(files, path):
        return False
    if TAGGED.match(posixpath.basename(path)):
        return not isinstance(files.stat(path), Missing)
    elf = files.elf(path)
    if isinstance(elf, Missing):
        return False
    name = module.rpartition(".")[2].encode()
    return b"PyInit_" + name in elf.definitions or b"init" + name in elf.definitions
