"""Which file a module name means: the path finder of the import system (PEP 302, 328, 420)."""

from dataclasses import dataclass

from hostprobe.facts.files import Files, Missing, is_directory


@dataclass(frozen=True, slots=True)
class Module:
    """One module that exists."""

    name: str
    """Dotted."""

    path: str | None
    """The file that is executed or opened; None: built in, or a namespace package."""

    is_extension: bool = False
    package_path: tuple[str, ...] | None = None
    """__path__ of a package; None: not a package."""


class Finder:
    """Finds modules on one search path; every answer is kept."""

    def __init__(
        self,
        files: Files,
        search_path: tuple[str, ...],
        suffixes: tuple[str, ...],
        built_in: frozenset[str] = frozenset(),
        shared: "Finder | None" = None,
        added: tuple[str, ...] = (),
    ) -> None:
        """`shared` finds on the same path without the directories `added`."""
        self._files = files
        self._shared = shared
        self._search_path = search_path
        self._suffixes = suffixes
        self._built_in = built_in
        self._known: dict[str, Module | None] = {}
        self._names: dict[str, frozenset[str] | None] = {}
        inside = (name for directory in added for name in self._list(directory) or ())
        self.own_names = frozenset(name.partition(".")[0] for name in inside)
        """Top-level names that the added directories may define."""

    def find(self, name: str) -> Module | None:
        """The module of that dotted name; its parents must be packages."""
        if name not in self._known:
            is_own = name.partition(".")[0] in self.own_names
            shared = None if is_own else self._shared
            self._known[name] = shared.find(name) if shared else self._search(name)
        return self._known[name]

    def _search(self, name: str) -> Module | None:
        parent, _, tail = name.rpartition(".")
        if not parent:
            return (
                Module(name, None) if name in self._built_in else self._on(self._search_path, name)
            )
        package = self.find(parent) if parent.count(".") < 50 else None
        if package is None or package.package_path is None or not tail:
            return None
        return self._on(package.package_path, name)

    def _on(self, directories: tuple[str, ...], name: str) -> Module | None:
        tail = name.rpartition(".")[2]
        portions = []
        for directory in directories:
            names = self._list(directory)
            if not names:
                continue
            if tail in names and (inside := self._list(f"{directory}/{tail}")) is not None:
                if found := self._package(name, f"{directory}/{tail}", inside):
                    return found
                portions.append(f"{directory}/{tail}")
            if found := self._file(name, directory, tail, names):
                return found
        return Module(name, None, package_path=tuple(portions)) if portions else None

    def _package(self, name: str, directory: str, names: frozenset[str]) -> Module | None:
        found = self._file(name, directory, "__init__", names)
        if found is None:
            return None
        return Module(name, found.path, found.is_extension, (directory,))

    def _file(self, name: str, directory: str, stem: str, names: frozenset[str]) -> Module | None:
        """In one directory extensions come before source, source before byte code."""
        for suffix in self._suffixes:
            path = f"{directory}/{stem}{suffix}"
            if stem + suffix in names and not is_directory(self._files, path):
                return Module(name, path, is_extension=True)
        for suffix in (".py", ".pyc"):
            if stem + suffix in names:
                return Module(name, f"{directory}/{stem}{suffix}")
        return None

    def _list(self, directory: str) -> frozenset[str] | None:
        if directory not in self._names:
            names = self._files.list(directory)
            self._names[directory] = None if isinstance(names, Missing) else frozenset(names)
        return self._names[directory]
