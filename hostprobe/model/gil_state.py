"""What of an application works in the main interpreter only, because it uses PyGILState_Ensure.

That function knows one thread state for each thread, and it belongs to the main interpreter
(Python/pystate.c). Called in a thread that runs another interpreter, it waits for the GIL that the
thread itself holds, or runs Python code in the wrong interpreter.
"""

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from math import inf

from hostprobe.facts.acts import Call, Defined, Named
from hostprobe.facts.files import Missing
from hostprobe.facts.python import PythonSource
from hostprobe.model.instance import Application, Extension, Instance, PythonEnvironment
from hostprobe.model.interpreters import ENSURE, Interpreters, by_script, interpreter_of
from hostprobe.model.python.doing import Applications, Doing
from hostprobe.model.python.known_packages import NEED_MAIN_INTERPRETER
from hostprobe.model.python.own_module import Reached
from hostprobe.model.sharing.separation import MainInterpreters

SWIG_THREADS = "bindings that SWIG made with -threads"
PROTOTYPES = frozenset({"ctypes.CFUNCTYPE", "ctypes.PYFUNCTYPE"})
SQLITE = (
    *("create_function", "create_aggregate", "create_window_function", "create_collation"),
    *("set_authorizer", "set_progress_handler", "set_trace_callback"),
)


@dataclass(frozen=True, slots=True)
class Callback:
    """A Python function that C code calls, and that imports something when it runs."""

    path: str
    function: str
    line: int
    given_to: str
    """"sqlite3.connect().create_function", "ctypes.CFUNCTYPE"."""

    imports: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Need:
    """One script that does not run in the main interpreter, and what of it should."""

    applications: tuple[Application, ...]
    """Its mounts."""

    cure: MainInterpreters

    certain: tuple[tuple[Extension, str], ...]
    """Extensions known to need it, each with who says so."""

    others: tuple[Extension, ...]
    """Third-party extensions that refer to the function; most never call it there."""

    callbacks: tuple[Callback, ...]

    @property
    def script(self) -> str:
        """The WSGI script."""
        return self.applications[0].script

    @property
    def interpreters(self) -> tuple[str, ...]:
        """Where it runs."""
        return tuple(dict.fromkeys(map(interpreter_of, self.applications)))

    @property
    def is_decided(self) -> bool:
        """No request decides where it runs."""
        return all(one.application_group is not None for one in self.applications)


def needs(interpreters: Interpreters, applications: Applications) -> Iterator[Need]:
    """For every script that runs in another interpreter, or may: what it would need."""
    for instance in interpreters.instances:
        cure = MainInterpreters(instance)
        for mounts in by_script(outside(instance.programs)):
            reachable = [one for one in mounts[0].reachable if not one.is_stdlib]
            certain = tuple(told(interpreters, reachable))
            known = [one for one, _ in certain]
            others = (one for one in reachable if ENSURE in interpreters.marks(one))
            yield Need(
                mounts,
                cure,
                certain,
                tuple(one for one in others if one not in known),
                tuple(callbacks(interpreters, applications, mounts[0])),
            )


def outside(applications: Iterable[Application]) -> Iterator[Application]:
    """Those that do not run in the main interpreter, or may not."""
    return (one for one in applications if one.application_group != "")


def told(
    interpreters: Interpreters, extensions: Iterable[Extension]
) -> Iterator[tuple[Extension, str]]:
    """Those that are known by name, or are SWIG's with threads."""
    for one in extensions:
        line = interpreters.known(NEED_MAIN_INTERPRETER, one)
        if line is not None:
            yield one, line.source
        elif ENSURE in interpreters.marks(one) and interpreters.texts(one).has_swig:
            yield one, SWIG_THREADS


def installed_only(
    interpreters: Interpreters, instance: Instance
) -> Iterator[tuple[Extension, tuple[Application, ...]]]:
    """Extensions known by name that applications outside the main interpreter could import.

    One extension of each package, with the applications whose environment offers it.
    """
    found: dict[str, tuple[Extension, list[Application]]] = {}
    for offered, applications in by_environment(instance.applications):
        for extension in offered:
            if interpreters.known(NEED_MAIN_INTERPRETER, extension):
                package = extension.module.partition(".")[0]
                having = found.setdefault(package, (extension, []))[1]
                having.extend(one for one in applications if not imports(one, package))
    return ((one, tuple(having)) for one, having in found.values() if having)


def by_environment(
    applications: Iterable[Application],
) -> Iterable[tuple[tuple[Extension, ...], list[Application]]]:
    """What an environment offers, and who of those outside the main interpreter has it."""
    found: dict[int, tuple[tuple[Extension, ...], list[Application]]] = {}
    for one in outside(applications):
        if isinstance(one.environment, PythonEnvironment):
            offered = one.environment.extensions
            found.setdefault(id(offered), (offered, []))[1].append(one)
    return found.values()


def imports(application: Application, package: str) -> bool:
    """Whether it reaches an extension of the package."""
    return any(one.module.partition(".")[0] == package for one in application.reachable)


def callbacks(
    interpreters: Interpreters, applications: Applications, application: Application
) -> Iterator[Callback]:
    """Functions of its own that it hands to sqlite3 or ctypes and that import something."""
    for doing in applications.doing(application):
        if doing.module.reached is Reached.BESIDE:
            continue
        given = dict(chain(decorated(doing), handed(doing)))
        for function in doing.acts.defined if given else ():
            to = next((given[name] for name in owners(function.name) if name in given), None)
            names = imported_inside(interpreters, doing, function) if to else ()
            if to and names and not function.is_class:
                yield Callback(doing.path, function.name, function.line, to, names)


def owners(name: str) -> tuple[str, str]:
    """The function itself, and the class that it is a method of."""
    return name, name.rpartition(".")[0]


def decorated(doing: Doing) -> Iterator[tuple[str, str]]:
    """Functions below @CFUNCTYPE(...)."""
    for one in doing.acts.defined:
        yield from ((one.name, name) for name in one.decorators if name in PROTOTYPES)


def handed(doing: Doing) -> Iterator[tuple[str, str]]:
    """Functions and classes that are arguments of such a call."""
    for call in doing.acts.calls:
        if takes_callback(call):
            values = (*call.args, *(value for _, value in call.keywords))
            for value in values:
                if isinstance(value, Named) and value.is_own:
                    yield value.name, call.name.removesuffix("()")


def takes_callback(call: Call) -> bool:
    """A prototype of ctypes is called, or a method of a connection of sqlite3."""
    before, _, method = call.name.rpartition(".")
    is_connection = before == "?" or before.startswith("sqlite3")
    return call.name.removesuffix("()") in PROTOTYPES or (is_connection and method in SQLITE)


def imported_inside(interpreters: Interpreters, doing: Doing, function: Defined) -> tuple[str, ...]:
    """Modules that its body imports, without the standard library's, which are alike everywhere."""
    source = interpreters.files.read(doing.path, PythonSource)
    if isinstance(source, Missing):
        return ()
    end = min(ends(doing, function), default=inf)
    found = (
        "." * one.level + one.module
        for one in source.imports
        if not one.at_import and function.line <= one.line < end
    )
    return tuple(dict.fromkeys(name for name in found if is_foreign(name)))


def ends(doing: Doing, function: Defined) -> Iterator[int]:
    """Lines of what is defined behind the function and not in it."""
    inner = f"{function.name}."
    for one in doing.acts.defined:
        if one.line > function.line and not one.name.startswith(inner):
            yield one.line


def is_foreign(module: str) -> bool:
    """Whether the module is not of the standard library."""
    return module.partition(".")[0] not in sys.stdlib_module_names
