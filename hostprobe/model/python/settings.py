"""Django settings by static reading: the module, and what its star imports bring into it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from hostprobe.facts.acts import UNKNOWN, Binding, Value
from hostprobe.facts.files import Files
from hostprobe.facts.python import Import, PythonSource
from hostprobe.model.python.finder import Module
from hostprobe.model.python.library import Library, absolute_name, package_name
from hostprobe.model.python.own_module import DjangoSettings, OwnModule, Part

VARIABLE = "DJANGO_SETTINGS_MODULE"
MAX_PARTS = 200
MAX_DEPTH = 20
COMPUTED = frozenset({"exec", "execfile", "globals", "locals", "vars"})
"""Builtins with which a module binds names that are not written in it."""

REPLACING = frozenset(
    {"classy_settings", "configurations", "dynaconf", "split_settings", "yamlconf"}
)
"""Packages whose settings are not the names of the module."""

REQUIRED = "SECRET_KEY"
"""Without it Django does not work: settings that lack it are made in a way that is not seen."""


@dataclass(frozen=True, slots=True)
class Setting:
    """The value of one name, and where it is given."""

    value: Value
    path: str
    line: int


def named_settings(files: Files, executed: Iterable[OwnModule]) -> str | None:
    """What DJANGO_SETTINGS_MODULE is after these modules; None where the text does not tell."""
    name: Value = None
    for module in executed:
        source = files.read(module.path, PythonSource)
        for change in source.acts.environment if isinstance(source, PythonSource) else ():
            if change.variable == VARIABLE and change.place.at_import:
                name = name if change.kind == "default" and name is not None else change.value
    return name if isinstance(name, str) else None


def django_settings(library: Library, module: str) -> DjangoSettings | None:
    """None where the search path has no source of that module."""
    found = library.finder.find(module)
    if found is None or found.path is None or not found.path.endswith(".py"):
        return None
    reading = _Reading(library)
    parts = tuple(reading.parts(found, 0))
    is_complete = reading.is_complete and any(
        _bindings(library.files, part, REQUIRED) for part in parts
    )
    return DjangoSettings(module, found.path, parts, is_complete)


class _Reading:
    """Follows star imports, each file once."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._seen: set[str] = set()
        self.is_complete = True

    def parts(self, module: Module, depth: int) -> Iterator[Part]:
        source = self._source(module, depth)
        if source is None or module.path is None:
            self.is_complete = False
            return
        self.is_complete = self.is_complete and not hides_names(source)
        first = 1
        for found in source.imports:
            if found.names == ("*",) and found.at_import:
                yield Part(module.path, first, found.line)
                first = found.line + 1
                yield from self._below(found, module, depth)
        yield Part(module.path, first, MAX_LINE)

    def _source(self, module: Module, depth: int) -> PythonSource | None:
        if module.path is None or module.path in self._seen or depth > MAX_DEPTH:
            return None
        self._seen.add(module.path)
        source = self._library.files.read(module.path, PythonSource)
        if not isinstance(source, PythonSource) or source.error is not None:
            return None
        return source if len(self._seen) <= MAX_PARTS else None

    def _below(self, found: Import, module: Module, depth: int) -> Iterator[Part]:
        name = absolute_name(found, package_name(module))
        target = self._library.finder.find(name) if name else None
        if target is not None:
            yield from self.parts(target, depth + 1)
        elif not found.guarded:
            self.is_complete = False


MAX_LINE = 1 << 31


def hides_names(source: PythonSource) -> bool:
    """The module may bind names that are not written in it."""
    acts = source.acts
    return (
        not acts.is_complete
        or any(call.name in COMPUTED and call.place.at_import for call in acts.calls)
        or any(one.name == "__getattr__" for one in acts.defined)
        or any(one.module.partition(".")[0] in REPLACING for one in source.imports)
    )


def setting(files: Files, settings: DjangoSettings, name: str) -> Setting | None:
    """What the settings say of a name; None: nothing, so that Django's default counts."""
    doubtful: Setting | None = None
    for part in reversed(settings.parts):
        for binding in reversed(_bindings(files, part, name)):
            found = Setting(binding.value, part.path, binding.line)
            if binding.is_conditional:
                doubtful = doubtful or found
            elif doubtful is None or doubtful.value == found.value:
                return found
            else:
                return Setting(UNKNOWN, doubtful.path, doubtful.line)
    if doubtful is not None or not settings.is_complete:
        at = doubtful or Setting(UNKNOWN, settings.path, 1)
        return Setting(UNKNOWN, at.path, at.line)
    return None


def _bindings(files: Files, part: Part, name: str) -> list[Binding]:
    source = files.read(part.path, PythonSource)
    found = source.acts.bindings if isinstance(source, PythonSource) else ()
    return [one for one in found if one.name == name and part.first <= one.line <= part.last]
