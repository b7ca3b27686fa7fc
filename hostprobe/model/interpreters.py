"""Which extensions the interpreters of a process import, and what their files say."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from hostprobe.facts.extension import SUPPORTED, ExtensionTexts, ModuleDefinitions, ModuleSlots
from hostprobe.facts.files import Files, Missing
from hostprobe.model.instance import Application, Extension, Instance
from hostprobe.model.ownership import owner
from hostprobe.model.python.known_packages import REFUSE_SHARING, Known, known
from hostprobe.model.sharing.processes import SharedProcess

MAIN = "%{GLOBAL}"
ENSURE, CREATE, MULTI_PHASE = b"PyGILState_Ensure", b"PyModule_Create2", b"PyModuleDef_Init"
NO_BLOCK = b"PyImport_ImportModuleNoBlock"
SET_GIL = b"PyUnstable_Module_SetGIL"
TELLING = frozenset({ENSURE, CREATE, MULTI_PHASE, NO_BLOCK, SET_GIL})
NOTHING = ExtensionTexts((), has_swig=False)


@dataclass(frozen=True, slots=True)
class Use:
    """One extension in one process."""

    extension: Extension
    interpreters: dict[str, list[Application]] = field(default_factory=dict)
    """Interpreter -> applications in it that import the extension."""

    unguarded: set[str] = field(default_factory=set)
    """Those interpreters in which nothing catches a refusal."""

    @property
    def applications(self) -> Iterator[Application]:
        """All that import it."""
        for each in self.interpreters.values():
            yield from each


def uses(process: SharedProcess) -> tuple[Use, ...]:
    """Third-party extensions that applications of a process import."""
    found: dict[str, Use] = {}
    for application in process.applications:
        name = interpreter_of(application)
        for one in application.reachable:
            if not one.is_stdlib:
                use = found.setdefault(one.path, Use(one))
                use.interpreters.setdefault(name, []).append(application)
                if not one.is_guarded:
                    use.unguarded.add(name)
    return tuple(found.values())


def interpreter_of(application: Application) -> str:
    """Its interpreter; one that requests decide counts as one of the application's own."""
    group = application.application_group
    return f"per request: {application.script}" if group is None else group or MAIN


def by_script(applications: Iterable[Application]) -> Iterator[tuple[Application, ...]]:
    """The mounts of each script with the same imports."""
    found: dict[tuple[str, int], list[Application]] = {}
    for one in applications:
        found.setdefault((one.script, id(one.reachable)), []).append(one)
    return (tuple(mounts) for mounts in found.values())


class Interpreters:
    """The instances with a Python inside, and what the files of their extensions say."""

    def __init__(self, files: Files, instances: tuple[Instance, ...]) -> None:
        self.files = files
        self.instances = instances
        self._marks: dict[str, frozenset[bytes]] = {}

    def marks(self, extension: Extension) -> frozenset[bytes]:
        """Which of the TELLING functions its relocations refer to; empty where it is no object."""
        path = extension.path
        if path not in self._marks:
            elf = self.files.elf(path)
            names = () if isinstance(elf, Missing) else (one.name for one in elf.references)
            self._marks[path] = TELLING.intersection(names)
        return self._marks[path]

    def texts(self, extension: Extension) -> ExtensionTexts:
        """What it says of itself."""
        found = self.files.read(extension.path, ExtensionTexts)
        return NOTHING if isinstance(found, Missing) else found

    def is_single_phase(self, extension: Extension) -> bool:
        """It has one module object for all interpreters (PEP 489 tells the other kind)."""
        marks = self.marks(extension)
        return CREATE in marks and MULTI_PHASE not in marks

    def refusal(self, extension: Extension) -> str | None:
        """Why a second interpreter of a process cannot use it: its own words, or who says so."""
        if texts := self.texts(extension).refusals:
            return texts[0]
        line = self.known(REFUSE_SHARING, extension)
        if line is None or self.declares_support(extension):
            return None
        return line.source

    def declares_support(self, extension: Extension) -> bool:
        """Its definition says that several interpreters may have it."""
        slots = self.slots(extension)
        return slots is not None and (slots.multiple_interpreters or 0) >= SUPPORTED

    def slots(self, extension: Extension) -> ModuleSlots | None:
        """What its definition says; None where that is not known."""
        found = self.files.read(extension.path, ModuleDefinitions)
        return None if isinstance(found, Missing) else found.of(extension.module)

    def known(self, table: tuple[Known, ...], extension: Extension) -> Known | None:
        """The line of a table for it; only one with a range of releases asks for the release."""
        lines = [one for one in table if one.is_about(extension.module)]
        is_bounded = any(one.is_bounded for one in lines)
        return known(lines, extension.module, self.version(extension) if is_bounded else None)

    def version(self, extension: Extension) -> str | None:
        """Of the package that installed it; None when nobody says."""
        found = owner(self.files, extension.path)
        return found.version if found else None
