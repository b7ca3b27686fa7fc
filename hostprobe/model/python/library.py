"""The modules of one search path and what each of them imports."""

from collections.abc import Iterable, Iterator

from hostprobe.facts.files import Files
from hostprobe.facts.python import Import, ScannedSource
from hostprobe.model.instance import PythonEnvironment
from hostprobe.model.python.finder import Finder, Module

IMPORTED_BY_EXTENSION = {
    "_curses_panel": ("_curses",),
    "_elementtree": ("copy", "pyexpat"),
    "_ssl": ("_socket",),
    "_zoneinfo": ("zoneinfo._common",),
    "cryptography.hazmat.bindings._rust": ("_cffi_backend",),
    "lxml.etree": ("lxml._elementpath", "typing"),
    "lxml.objectify": ("lxml.etree",),
    "orjson.orjson": ("uuid", "json"),
    "psycopg2._psycopg": ("ssl",),
    "ujson": ("decimal",),
}
"""Extensions that import other extensions or their users from C, seen in a running interpreter."""


Target = tuple[str, bool]
"""Name of a module that is imported, and whether a failure is caught there."""


class Library:
    """Modules of one search path and what each of them imports."""

    def __init__(
        self,
        files: Files,
        environment: PythonEnvironment,
        search_path: tuple[str, ...],
        shared: "Library | None" = None,
    ) -> None:
        """`shared` is that of the same Python and a path without some of the directories."""
        self.files = files
        self.stdlib = environment.stdlib
        self.search_path = search_path
        common = shared.search_path if shared else ()
        added = tuple(one for one in search_path if one not in common)
        rest = tuple(one for one in search_path if one in common)
        self._shared = shared if rest == common else None
        self.finder: Finder = Finder(
            files,
            search_path,
            environment.suffixes,
            environment.built_in,
            self._shared.finder if self._shared else None,
            added,
        )
        self._direct: dict[str, tuple[str, ...]] = {}
        self._guarded: dict[str, frozenset[str]] = {}
        self._mentioned: dict[str, frozenset[str]] = {}

    def direct(self, module: Module) -> tuple[str, ...]:
        """Names of existing modules that a library module imports when it is executed."""
        shared = self._shared
        if shared and self.finder.own_names.isdisjoint(shared.mentioned(module)):
            return shared.direct(module)
        if module.name not in self._direct:
            targets = tuple(self._targets(module))
            self._direct[module.name] = tuple(name for name, _ in targets)
            if guarded := only_guarded(targets):
                self._guarded[module.name] = guarded
        return self._direct[module.name]

    def surely(self, module: Module) -> frozenset[str]:
        """Of those the ones whose failure the module does not catch."""
        names = frozenset(self.direct(module))
        shared = self._shared
        if shared and module.name not in self._direct:
            return shared.surely(module)
        return names - self._guarded.get(module.name, frozenset())

    def mentioned(self, module: Module) -> frozenset[str]:
        """The top-level names on which it depends what the module imports, its own with them."""
        if module.name not in self._mentioned:
            names = (module.name, *self._named(module))
            self._mentioned[module.name] = frozenset(name.partition(".")[0] for name in names)
        return self._mentioned[module.name]

    def _named(self, module: Module) -> Iterator[str]:
        if module.is_extension:
            yield from IMPORTED_BY_EXTENSION.get(module.name, ())
        elif module.path is not None and module.path.endswith(".py"):
            source = self.files.read(module.path, ScannedSource)
            if isinstance(source, ScannedSource):
                yield from (found.module for found in source.imports if found.module)

    def _targets(self, module: Module) -> Iterator[Target]:
        if module.is_extension:
            yield from ((name, False) for name in IMPORTED_BY_EXTENSION.get(module.name, ()))
        elif module.path is not None and module.path.endswith(".py"):
            source = self.files.read(module.path, ScannedSource)
            package = package_name(module)
            if isinstance(source, ScannedSource):
                for found in self.executed(source.imports, package):
                    yield from ((name, found.guarded) for name in self.targets(found, package))

    def executed(self, imports: tuple[Import, ...], package: str) -> Iterator[Import]:
        """Without the handlers of ImportError whose try block succeeds."""
        tried = {found.tried for found in imports if found.tried}
        failed = {found.tried for found in imports if found.tried and self._fails(found, package)}
        for found in imports:
            if found.fallback not in tried or found.fallback in failed:
                yield found

    def _fails(self, found: Import, package: str) -> bool:
        """Also when in doubt: a name from a package may be a module that is not there."""
        base = absolute_name(found, package)
        module = self.finder.find(base) if base else None
        if module is None or base is None:
            return True
        names = found.names if module.package_path is not None else ()
        return any(self.finder.find(f"{base}.{name}") is None for name in names if name != "*")

    def targets(self, found: Import, package: str) -> Iterator[str]:
        """Existing modules that one import statement executes, parents first."""
        base = absolute_name(found, package)
        if base is None:
            return
        yield from self.chain(base)
        if found.names and (module := self.finder.find(base)) and module.package_path is not None:
            for name in found.names:
                if name != "*" and self.finder.find(f"{base}.{name}"):
                    yield f"{base}.{name}"

    def chain(self, name: str) -> Iterator[str]:
        """The module and, before it, its parents, as far as they exist."""
        parts = name.split(".")
        for count in range(1, len(parts) + 1):
            prefix = ".".join(parts[:count])
            if self.finder.find(prefix) is None:
                return
            yield prefix


def only_guarded(targets: Iterable[Target]) -> frozenset[str]:
    """Names that no other import of the same module leaves unguarded."""
    pairs = tuple(targets)
    sure = {name for name, is_guarded in pairs if not is_guarded}
    return frozenset(name for name, is_guarded in pairs if is_guarded) - sure


def package_name(module: Module) -> str:
    """What relative imports inside it are relative to (__package__)."""
    return module.name if module.package_path is not None else module.name.rpartition(".")[0]


def absolute_name(found: Import, package: str) -> str | None:
    """The dotted name an import means; None: it leaves the top package."""
    if not found.level:
        return found.module
    parts = package.split(".") if package else []
    if found.level > len(parts):
        return None
    kept = parts[: len(parts) - found.level + 1]
    return ".".join([*kept, found.module] if found.module else kept)
