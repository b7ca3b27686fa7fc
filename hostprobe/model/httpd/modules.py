"""Which modules are loaded at one point of the reading (find_module, server/core.c)."""

from collections.abc import Iterable

from hostprobe.facts.files import Files
from hostprobe.facts.httpd import HttpdBuild, ModuleStructure, ModuleStructures

ALWAYS_STATIC = ("core_module", "so_module", "http_module")
"""Assumed when the binary could not be read: without them no LoadModule would work."""


class Modules:
    """Static modules and those that LoadModule brought so far."""

    def __init__(self, files: Files, binary: str, build: HttpdBuild | None) -> None:
        self._files = files
        self._static = frozenset(ALWAYS_STATIC if build is None else build.static_modules)
        self._symbols = set(self._static)
        self._unread: list[tuple[str, str]] = [(symbol, binary) for symbol in sorted(self._static)]
        self._sources: set[str] = set()
        self._directives: set[str] = set()
        self.guessed: list[str] = []
        """Objects whose module structure could not be read: source names are guessed, and their
        directives are not known."""

    def add(self, symbol: str, path: str) -> None:
        """LoadModule `symbol` from `path`."""
        self._symbols.add(symbol)
        self._unread.append((symbol, path))

    def is_loaded(self, symbol: str) -> bool:
        """A structure of that name is static or was loaded."""
        return symbol in self._symbols

    def is_static(self, symbol: str) -> bool:
        """Compiled into the binary: LoadModule of it is an error."""
        return symbol in self._static

    def has(self, name: str) -> bool:
        """What <IfModule name> asks: a structure's name or a source file's, case matters."""
        if name in self._symbols:
            return True
        self._read()
        return name in self._sources

    def has_directive(self, name: str) -> bool:
        """What <IfDirective> and <IfSection> ask, "<" in front of a section."""
        self._read()
        return name.lower() in self._directives

    def unknown(self, names: Iterable[str]) -> list[str]:
        """Those of the lower-case directives that no module has; none while one is guessed."""
        self._read()
        known = self._directives
        return [] if self.guessed else [name for name in names if name not in known]

    def _read(self) -> None:
        for symbol, path in self._unread:
            structure = self._structure(symbol, path)
            self._sources.add(structure.source)
            self._directives.update(name.lower() for name in structure.directives)
        self._unread.clear()

    def _structure(self, symbol: str, path: str) -> ModuleStructure:
        structures = self._files.read(path, ModuleStructures) if "/" in path else None
        if isinstance(structures, ModuleStructures):
            for structure in structures.modules:
                if structure.symbol == symbol:
                    return structure
        if path not in self.guessed:
            self.guessed.append(path)
        return ModuleStructure(symbol, usual_source(symbol), ())


def usual_source(symbol: str) -> str:
    """The source file name of a module structure by convention."""
    stem = symbol.removesuffix("_module")
    special = {"core": "core.c", "http": "http_core.c"}
    if stem.startswith("mpm_"):
        return stem.removeprefix("mpm_") + ".c"
    return special.get(stem, f"mod_{stem}.c")
