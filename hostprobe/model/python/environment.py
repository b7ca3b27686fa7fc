"""What one interpreter of one process would import from."""

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from hostprobe.facts.files import Files, Missing
from hostprobe.facts.httpd import Where
from hostprobe.facts.python import PthFile
from hostprobe.model.instance import Extension, PythonEnvironment
from hostprobe.model.python.embedded import EmbeddedPython
from hostprobe.model.python.listing import Listing, list_extensions
from hostprobe.model.python.prefix import Layout, find_layout, site_directories

LIBRARY = re.compile(r"python(\d+\.\d+)t?$")
OF_VERSION = re.compile(r"/python(\d+\.\d+)t?/(?:site|dist)-packages(?:/|$)")
MAX_PATH_ENTRIES = 2000


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the configuration says about one interpreter's Python."""

    home: str | None = None
    """python-home or WSGIPythonHome."""

    home_where: Where | None = None
    python_path: tuple[str, ...] = ()
    """python-path of a daemon, WSGIPythonPath in embedded mode."""

    directory: str | None = None
    """home= of the daemon process: put in front of sys.path."""


class Environments:
    """The environments of one httpd; equal wishes share one answer."""

    def __init__(
        self, files: Files, python: EmbeddedPython, variables: Mapping[str, str] | None = None
    ) -> None:
        self.python = python
        self._files = files
        self._variables = variables or {}
        self._known: dict[Wanted, PythonEnvironment] = {}
        self._listings: dict[str, Listing] = {}

    def of(self, wanted: Wanted) -> PythonEnvironment:
        """Described even when it is wrong: a home of another version, or none at all."""
        if wanted not in self._known:
            plain = replace(wanted, home_where=None)
            if plain not in self._known:
                self._known[plain] = self._describe(plain)
            self._known[wanted] = replace(self._known[plain], home_where=wanted.home_where)
        return self._known[wanted]

    def _describe(self, wanted: Wanted) -> PythonEnvironment:
        layout = find_layout(self._files, self.python, wanted.home, self._variables)
        path, problems = self._search_path(wanted, layout)
        listings = [self._listing(directory, layout) for directory in path]
        return PythonEnvironment(
            version=self.python.version,
            patch=self.python.patch,
            home=wanted.home,
            home_where=None,
            pyvenv=layout.pyvenv,
            prefix=layout.base,
            executable=self._executable(layout),
            search_path=path,
            extensions=_first(listings),
            problems=(*self.python.problems, *layout.problems, *problems, *_cuts(listings)),
            stdlib=layout.stdlib,
            is_home_directory=wanted.home is None or self._is_directory(wanted.home),
            home_versions=self._home_versions(wanted.home),
            foreign_paths=tuple(self._foreign_paths(wanted)),
            foreign_extensions=tuple(found for one in listings for found in one.foreign),
            suffixes=self.python.suffixes,
            built_in=self.python.built_in,
        )

    def _search_path(self, wanted: Wanted, layout: Layout) -> tuple[tuple[str, ...], list[str]]:
        """sys.path: mod_wsgi moves what python-path adds in front of everything else."""
        site = _SiteDirectories(self._files)
        site.add(site_directories(self._files, self.python, layout))
        own = _SiteDirectories(self._files, known=site.path)
        own.add(wanted.python_path)
        directory = [wanted.directory] if wanted.directory else []
        stdlib = [layout.stdlib, f"{layout.stdlib}/lib-dynload"] if layout.stdlib else []
        inherited = [entry for entry in self._variables.get("PYTHONPATH", "").split(":") if entry]
        entries = [*directory, *own.path, *inherited, *stdlib, *site.path]
        return tuple(dict.fromkeys(entries)), [*own.problems, *site.problems]

    def _listing(self, directory: str, layout: Layout) -> Listing:
        """The standard library keeps its extensions in lib-dynload alone."""
        if directory == layout.stdlib:
            return Listing((), ())
        if directory not in self._listings:
            listing = list_extensions(self._files, directory, self.python.suffixes)
            if directory == f"{layout.stdlib}/lib-dynload":
                found = tuple(replace(one, is_stdlib=True) for one in listing.extensions)
                listing = replace(listing, extensions=found)
            self._listings[directory] = listing
        return self._listings[directory]

    def _executable(self, layout: Layout) -> str | None:
        """The standalone interpreter of the same X.Y that a shell would run."""
        name = f"python{self.python.version}"
        beside = [layout.pyvenv.home] if layout.pyvenv and layout.pyvenv.home else []
        for directory in (f"{layout.base}/bin", *beside, "/usr/bin", "/usr/local/bin"):
            stat = self._files.stat(f"{directory}/{name}")
            if not isinstance(stat, Missing):
                return f"{directory}/{name}"
        return None

    def _is_directory(self, path: str) -> bool:
        return all(
            not isinstance(self._files.list(part), Missing) for part in path.split(":") if part
        )

    def _home_versions(self, home: str | None) -> tuple[str, ...]:
        found: set[str] = set()
        for library in ("lib", "lib64"):
            names = self._files.list(f"{home}/{library}") if home else ()
            matches = (LIBRARY.match(name) for name in names) if isinstance(names, tuple) else ()
            found.update(match[1] for match in matches if match)
        return tuple(sorted(found, key=_numbers))

    def _foreign_paths(self, wanted: Wanted) -> Iterator[str]:
        for path in wanted.python_path:
            match = OF_VERSION.search(f"{path}/")
            if match and match[1] != self.python.version:
                yield path


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def _first(listings: Iterable[Listing]) -> tuple[Extension, ...]:
    """Every extension once: of two files for one module the first on the path is imported."""
    found: dict[str, Extension] = {}
    for listing in listings:
        for extension in listing.extensions:
            found.setdefault(extension.module, extension)
    return tuple(found.values())


def _cuts(listings: Iterable[Listing]) -> tuple[str, ...]:
    return tuple(problem for listing in listings for problem in listing.problems)


class _SiteDirectories:
    """site.addsitedir: a directory and what its .pth files add, each once."""

    def __init__(self, files: Files, known: Iterable[str] = ()) -> None:
        self.path: list[str] = []
        self.problems: list[str] = []
        self._files = files
        self._known = set(known)

    def add(self, directories: Iterable[str]) -> None:
        for directory in directories:
            if directory and len(self.path) < MAX_PATH_ENTRIES:
                self._add(posixpath.normpath(directory))
                self._pth_files(posixpath.normpath(directory))

    def _add(self, path: str) -> None:
        if path not in self._known:
            self._known.add(path)
            self.path.append(path)

    def _pth_files(self, directory: str) -> None:
        names = self._files.list(directory)
        for name in () if isinstance(names, Missing) else names:
            if name.endswith(".pth") and not name.startswith("."):
                self._pth(directory, name)

    def _pth(self, directory: str, name: str) -> None:
        pth = self._files.read(f"{directory}/{name}", PthFile)
        if isinstance(pth, Missing):
            self.problems.append(pth.reason)
            return
        if pth.import_lines and name.startswith("__editable__"):
            self.problems.append(
                f"{directory}/{name}: an import hook finds this package at run time"
            )
        for line in pth.paths[:MAX_PATH_ENTRIES]:
            path = posixpath.normpath(posixpath.join(directory, line))
            if not isinstance(self._files.stat(path), Missing):
                self._add(path)
