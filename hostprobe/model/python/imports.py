"""Which extensions an application reaches by imports that files show.

Followed are the imports that run when a module is imported, from the script on, in the order of
the interpreter; of the application's own files every import, wherever it stands.
"""

import posixpath
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from hostprobe.facts.files import Files, Missing
from hostprobe.facts.python import Import, PathAddition, PythonSource, ScannedSource
from hostprobe.model.instance import Extension, PythonEnvironment
from hostprobe.model.python.finder import Module
from hostprobe.model.python.library import Library, Target, package_name
from hostprobe.model.python.own_code import has_installed, is_own, own_files, own_roots, package_of
from hostprobe.model.python.own_module import DjangoSettings, OwnModule, Reached
from hostprobe.model.python.settings import django_settings, named_settings

MAX_MODULES = 20_000
MAX_OWN_FILES = 3_000
MAX_OWN_BYTES = 64 << 20
MAX_PROBLEMS = 50
ROOT = ""


@dataclass(frozen=True, slots=True)
class Reach:
    """What one script reaches."""

    extensions: tuple[Extension, ...]
    """In the order in which they would be opened."""

    problems: tuple[str, ...]
    """Why there may be more."""

    own: tuple[OwnModule, ...] = ()
    """The script and the other files of its own, in the order in which they would be executed."""

    settings: DjangoSettings | None = None


class Imports:
    """Reachability in one environment; applications share what libraries import."""

    def __init__(
        self, files: Files, environment: PythonEnvironment, shared: Library | None = None
    ) -> None:
        """`shared` is the library of the same Python without directories of applications."""
        self.files = files
        self.environment = environment
        self._shared = shared
        self._finders: dict[tuple[str, ...], Library] = {}

    def reach(
        self,
        script: str,
        roots: Iterable[str] = (),
        scripts: frozenset[str] = frozenset(),
        *,
        has_beside: bool = True,
    ) -> Reach:
        """Extensions reached from a script.

        `roots`: directories of own code besides the script's; `scripts`: those of all applications,
        none of them another's own code; `has_beside`: files that no import reaches are its own too.
        """
        source = self.files.read(script, PythonSource)
        if isinstance(source, Missing):
            return Reach((), (source.reason,))
        if self.environment.stdlib is None:
            version, prefix = self.environment.version, self.environment.prefix
            return Reach((), (f"{prefix}: no standard library of Python {version}, nothing runs",))
        here = posixpath.dirname(script)
        added = [_absolute(here, one) for one in source.paths if one.path is not None]
        search_path = _extended(self.environment.search_path, added)
        others = (*roots, *(path for path, one in added if not one.is_site))
        own = own_roots([here, *(path for path in others if not has_installed(self.files, path))])
        walk = Walk(self._library(search_path), own)
        walk.script(script, source)
        beside = own_files(self.files, own) if has_beside else ()
        walk.rest(path for path in beside if path not in scripts)
        extensions, problems = tuple(walk.marked()), tuple(walk.problems)
        return Reach(extensions, problems, tuple(walk.own), walk.settings)

    def _library(self, search_path: tuple[str, ...]) -> Library:
        if search_path not in self._finders:
            self._finders[search_path] = Library(
                self.files, self.environment, search_path, self._shared
            )
        return self._finders[search_path]


def _absolute(here: str, addition: PathAddition) -> tuple[str, PathAddition]:
    return posixpath.normpath(posixpath.join(here, addition.path or "")), addition


def _extended(
    search_path: tuple[str, ...], added: list[tuple[str, PathAddition]]
) -> tuple[str, ...]:
    front = [path for path, addition in reversed(added) if addition.front]
    back = [path for path, addition in added if not addition.front]
    return tuple(dict.fromkeys([*front, *search_path, *back]))


class Walk:
    """Executes imports without executing anything: one interpreter, one application."""

    def __init__(self, library: Library, own: tuple[str, ...]) -> None:
        self.extensions: list[Extension] = []
        self.problems: list[str] = []
        self.own: list[OwnModule] = []
        self.settings: DjangoSettings | None = None
        self._library = library
        self._own = own
        self._reached = Reached.SCRIPT
        self._executed: set[str] = set()
        self._files: set[str] = set()
        self._deferred: list[tuple[Import, str, str]] = []
        self._edges: dict[str, list[Target]] = {ROOT: []}
        """Own module -> what its code imports; ROOT: what runs whatever is imported."""

        self._bytes = 0

    def script(self, path: str, source: PythonSource) -> None:
        """The script itself: a module of its own, outside every package."""
        self._enter(path, "")
        unknown = [str(one.line) for one in source.paths if one.path is None]
        if unknown:
            self._problem(f"{path}: sys.path is changed in a computed way, line {unknown[0]}")
        self._reached = Reached.IMPORT
        self._run(self._own_targets(path, "", source, ROOT))
        self._reached = Reached.SETTINGS
        if (name := named_settings(self._library.files, self.own)) is not None:
            self._run(self._noted(ROOT, self._library.chain(name)))
            self.settings = django_settings(self._library, name)
        self._run_deferred()

    def rest(self, paths: Iterable[str]) -> None:
        """Own files that no import reaches: found by name at run time, as Django does."""
        for path in paths:
            if path in self._files:
                continue
            if len(self._files) >= MAX_OWN_FILES or self._bytes > MAX_OWN_BYTES:
                self._problem(f"{path}: not read, the application has too many files of its own")
                return
            self._reached = Reached.BESIDE
            package = package_of(self._library.files, path)
            self._run(self._own_file(path, package, module_name(package, path), ROOT))
            self._run_deferred()

    def marked(self) -> Iterator[Extension]:
        """The extensions, those of the installed packages with whether a refusal is handled."""
        sure = set() if all(one.is_stdlib for one in self.extensions) else self._sure()
        for one in self.extensions:
            is_handled = not one.is_stdlib and one.module not in sure
            yield replace(one, is_guarded=True) if is_handled else one

    def _sure(self) -> set[str]:
        """Modules whose failure ends an import that nothing catches."""
        found: set[str] = set()
        waiting = [name for name, is_guarded in self._edges[ROOT] if not is_guarded]
        while waiting:
            name = waiting.pop()
            if name in self._executed and name not in found:
                found.add(name)
                waiting += self._surely(name)
        return found

    def _surely(self, name: str) -> Iterator[str]:
        if name in self._edges:
            yield from (target for target, is_guarded in self._edges[name] if not is_guarded)
        elif module := self._library.finder.find(name):
            yield from self._library.surely(module)

    def _noted(
        self, edge: str, targets: Iterable[str], *, is_guarded: bool = False
    ) -> Iterator[str]:
        """The same targets, remembered as what that module imports."""
        for target in targets:
            self._edges.setdefault(edge, []).append((target, is_guarded))
            yield target

    def _run_deferred(self) -> None:
        """Imports inside functions of own files, after everything that runs at import."""
        if self._reached is not Reached.BESIDE:
            self._reached = Reached.DEFERRED
        while self._deferred:
            waiting, self._deferred = self._deferred, []
            for found, package, _ in waiting:
                targets = self._library.targets(found, package)
                self._run(self._noted(ROOT, targets, is_guarded=found.guarded))

    def _run(self, targets: Iterable[str]) -> None:
        """Depth first, as the interpreter does; a module counts as imported before its body."""
        stack = [iter(targets)]
        while stack:
            name = next(stack[-1], None)
            if name is None:
                stack.pop()
            elif name not in self._executed:
                if len(self._executed) >= MAX_MODULES:
                    self._problem(f"more than {MAX_MODULES} modules: the rest is not followed")
                    return
                self._executed.add(name)
                if (module := self._library.finder.find(name)) is not None:
                    stack.append(self._body(module))

    def _body(self, module: Module) -> Iterator[str]:
        if module.path is None:
            return iter(())
        if module.is_extension:
            self.extensions.append(self._extension(module, module.path))
        elif module.path.endswith(".py") and is_own(module.path, self._own):
            return self._own_file(module.path, package_name(module), module.name, module.name)
        return iter(self._library.direct(module))

    def _extension(self, module: Module, path: str) -> Extension:
        stdlib = self._library.stdlib
        return Extension(module.name, path, stdlib is not None and path.startswith(f"{stdlib}/"))

    def _enter(self, path: str, name: str) -> None:
        self._files.add(path)
        self.own.append(OwnModule(path, name, self._reached))

    def _own_file(self, path: str, package: str, name: str, edge: str) -> Iterator[str]:
        self._enter(path, name)
        stat = self._library.files.stat(path)
        self._bytes += 0 if isinstance(stat, Missing) else stat.size
        source = self._library.files.read(path, PythonSource)
        if isinstance(source, Missing):
            self._problem(source.reason)
            return iter(())
        return self._own_targets(path, package, source, edge)

    def _own_targets(
        self, path: str, package: str, source: PythonSource, edge: str
    ) -> Iterator[str]:
        imports = self._own_imports(path, source)
        for found in self._library.executed(imports, package):
            if not found.at_import:
                self._deferred.append((found, package, path))
                continue
            reached = False
            targets = self._library.targets(found, package)
            for target in self._noted(edge, targets, is_guarded=found.guarded):
                reached = True
                yield target
            if not reached and not found.guarded:
                self._problem(
                    f"{path}:{found.line}: no module {found.module or '.'} on the search path"
                )

    def _own_imports(self, path: str, source: PythonSource) -> tuple[Import, ...]:
        if source.dynamic:
            self._problem(f"{path}:{source.dynamic[0]}: imports a module by a computed name")
        if source.error is None:
            return source.imports
        self._problem(f"{path}: {source.error}")
        scanned = self._library.files.read(path, ScannedSource)
        return scanned.imports if isinstance(scanned, ScannedSource) else ()

    def _problem(self, text: str) -> None:
        if len(self.problems) < MAX_PROBLEMS:
            self.problems.append(text)


def module_name(package: str, path: str) -> str:
    """The dotted name of a file of that package."""
    stem = posixpath.basename(path).removesuffix(".py")
    names = [package] if stem == "__init__" else [package, stem]
    return ".".join(filter(None, names))
