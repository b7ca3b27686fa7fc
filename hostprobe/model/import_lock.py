"""Imports that C code makes without waiting for the import lock (Python/import.c).

Up to Python 3.2 one lock guards all imports; PyImport_ImportModuleNoBlock fails while another
thread holds it, unless the module is imported already. Since 3.3 it is another name of
PyImport_ImportModule; 3.15 has it no more.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from hostprobe.facts.acts import Call
from hostprobe.facts.files import Missing
from hostprobe.facts.python import PythonSource
from hostprobe.model.instance import Application, Extension, Instance
from hostprobe.model.interpreters import NO_BLOCK, Interpreters, by_script
from hostprobe.model.memory.crews import crews
from hostprobe.model.python.doing import Applications
from hostprobe.model.python.known_packages import numbers

FIRST, FIXED, GONE = (2, 6), (3, 3), (3, 15)
Effect = Literal["fails", "alias", "gone"]
PARSING = frozenset({"time.strptime", "datetime.datetime.strptime"})
"""They import _strptime in that way (Modules/timemodule.c, Modules/datetimemodule.c)."""

THREADS = frozenset({"threading.Thread", "threading.Timer"})


@dataclass(frozen=True, slots=True)
class Parsing:
    """One call of strptime while requests are served."""

    path: str
    line: int
    name: str


@dataclass(frozen=True, slots=True)
class NonBlocking:
    """What one script does in that way."""

    instance: Instance
    applications: tuple[Application, ...]
    effect: Effect
    extensions: tuple[Extension, ...]
    """Third-party extensions that refer to the function."""

    parsing: tuple[Parsing, ...]


def effect_on(version: str) -> Effect | None:
    """What the function does in Python X.Y; None: not known, or it has none."""
    has = numbers(version)
    if has < FIRST:
        return None
    if has < FIXED:
        return "fails"
    return "alias" if has < GONE else "gone"


def non_blocking(interpreters: Interpreters, applications: Applications) -> Iterator[NonBlocking]:
    """Every script that does something."""
    for instance in interpreters.instances:
        effect = effect_on(instance.python_version)
        workers = {crew.group: crew.workers for crew in crews(instance)}
        for mounts in by_script(instance.programs) if effect else ():
            one = mounts[0]
            found = (each for each in one.reachable if not each.is_stdlib)
            extensions = tuple(each for each in found if NO_BLOCK in interpreters.marks(each))
            has_threads = workers.get(one.process_group or "", 1) > 1
            parsing = (
                tuple(parsed(applications, one, has_threads=has_threads))
                if effect == "fails"
                else ()
            )
            if effect and (extensions or parsing):
                yield NonBlocking(instance, mounts, effect, extensions, parsing)


def parsed(
    applications: Applications, application: Application, *, has_threads: bool
) -> Iterator[Parsing]:
    """Calls that may be the first to need _strptime, while another thread imports something."""
    if any(imports_first(applications, one.path) for one in applications.starting(application)):
        return
    found = [(one.path, call) for one in applications.doing(application) for call in one.acts.calls]
    if any(is_parsing(call) and call.place.at_import for _, call in found):
        return
    if has_threads or any(call.name in THREADS for _, call in found):
        for path, call in found:
            if is_parsing(call):
                yield Parsing(path, call.place.line, call.name)


def is_parsing(call: Call) -> bool:
    """Whether it calls strptime."""
    return call.name in PARSING


def imports_first(applications: Applications, path: str) -> bool:
    """Whether the file imports _strptime when it is loaded."""
    source = applications.files.read(path, PythonSource)
    if isinstance(source, Missing):
        return False
    return any(one.module == "_strptime" and one.at_import for one in source.imports)
