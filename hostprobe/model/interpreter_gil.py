"""Interpreters with a GIL of their own and processes without one, and extensions that mind.

Rules of PyModule_FromDefAndSpec2 (Objects/moduleobject.c), of
_PyImport_CheckSubinterpIncompatibleExtensionAllowed (Python/import.c), and of mod_wsgi 6
(wsgi_interp.c).
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from hostprobe.facts.extension import (
    GIL_NOT_USED,
    NOT_SUPPORTED,
    PER_INTERPRETER_GIL_SUPPORTED,
    SUPPORTED,
)
from hostprobe.facts.httpd import Directive
from hostprobe.model.instance import Application, Extension, Instance, PythonEnvironment
from hostprobe.model.interpreter_options import InterpreterOptions, is_on
from hostprobe.model.interpreters import SET_GIL, Interpreters
from hostprobe.model.python.known_packages import numbers
from hostprobe.model.sharing.processes import SharedProcess, possible_processes

OWN_GIL, FREE_THREADING = "wsgiperinterpretergil", "wsgifreethreading"
FIRST_OWN_GIL = (3, 12)
FIRST_MOD_WSGI = 6
WITHOUT_GIL = re.compile(r"cpython-\d+t")
SINGLE_PHASE = "single-phase initialisation"
SAYS = {
    None: "no Py_mod_multiple_interpreters slot",
    NOT_SUPPORTED: "Py_MOD_MULTIPLE_INTERPRETERS_NOT_SUPPORTED",
    SUPPORTED: "Py_MOD_MULTIPLE_INTERPRETERS_SUPPORTED: with a shared GIL only",
}

Told = tuple[tuple[Extension, str], ...]
"""Extensions, each with what its file says."""


@dataclass(frozen=True, slots=True)
class OwnGil:
    """One script whose interpreter has a GIL of its own."""

    instance: Instance
    applications: tuple[Application, ...]
    directives: tuple[Directive, ...]
    """What decides; more than one where a request does."""

    has_effect: bool
    """Its Python knows such interpreters."""

    refused: Told


@dataclass(frozen=True, slots=True)
class FreeThreading:
    """One process for which WSGIFreeThreading is on."""

    process: SharedProcess
    directives: tuple[Directive, ...]
    has_effect: bool
    """Its Python is built without GIL."""

    undeclared: Told


def is_new_enough(instance: Instance) -> bool:
    """Whether mod_wsgi has the directives; one that does not tell its release may."""
    series = numbers(instance.mod_wsgi_version)
    return not series or series[0] >= FIRST_MOD_WSGI


def with_own_gil(interpreters: Interpreters) -> Iterator[OwnGil]:
    """Every script outside the main interpreter whose interpreter has its own GIL."""
    refuses = partial(own_gil_refusal, interpreters)
    for instance in interpreters.instances:
        has_effect = numbers(instance.python_version) >= FIRST_OWN_GIL
        for directives, mounts in switched_on(instance).values():
            refused = told_of(mounts[0], refuses) if has_effect else ()
            yield OwnGil(instance, tuple(mounts), directives, has_effect, refused)


def switched_on(
    instance: Instance,
) -> dict[str, tuple[tuple[Directive, ...], list[Application]]]:
    """Script -> what switches its own GIL on, and the mounts for which it does."""
    found: dict[str, tuple[tuple[Directive, ...], list[Application]]] = {}
    options = InterpreterOptions(instance.configuration)
    for one in instance.programs if is_new_enough(instance) else ():
        groups = one.process_group, one.application_group
        deciding = options.of_interpreter(OWN_GIL, *groups)
        if is_on(deciding) and groups[1] != "" and not is_without_gil(options, one):
            found.setdefault(one.script, (deciding, []))[1].append(one)
    return found


def is_without_gil(options: InterpreterOptions, application: Application) -> bool:
    """Its process has no GIL at all: then there is none to have of its own."""
    found = options.of_process(FREE_THREADING, application.process_group)
    return is_on(found) and is_free_threaded(application)


def is_free_threaded(application: Application) -> bool:
    """Whether its Python is built with --disable-gil."""
    environment = application.environment
    suffixes = environment.suffixes if isinstance(environment, PythonEnvironment) else ()
    return any(WITHOUT_GIL.search(suffix) for suffix in suffixes)


def free_threading(interpreters: Interpreters) -> Iterator[FreeThreading]:
    """Every process for which it is switched on."""
    needs = partial(gil_need, interpreters)
    for instance in interpreters.instances:
        options = InterpreterOptions(instance.configuration)
        for process in possible_processes(instance) if is_new_enough(instance) else ():
            found = options.of_process(FREE_THREADING, process.group)
            if is_on(found):
                has_effect = any(map(is_free_threaded, process.applications))
                pairs = (
                    pair
                    for application in process.applications
                    for pair in told_of(application, needs)
                )
                undeclared = {one.path: (one, why) for one, why in pairs} if has_effect else {}
                yield FreeThreading(process, found, has_effect, tuple(undeclared.values()))


def told_of(application: Application, why: Callable[[Extension], str | None]) -> Told:
    """Extensions that the application imports, the standard library's too."""
    return tuple((one, text) for one in application.reachable if (text := why(one)))


def own_gil_refusal(interpreters: Interpreters, extension: Extension) -> str | None:
    """Why an interpreter with its own GIL cannot import it; None: it can, or it is not known."""
    if interpreters.is_single_phase(extension):
        return SINGLE_PHASE
    slots = interpreters.slots(extension)
    if slots is None or slots.multiple_interpreters == PER_INTERPRETER_GIL_SUPPORTED:
        return None
    return SAYS.get(slots.multiple_interpreters)


def gil_need(interpreters: Interpreters, extension: Extension) -> str | None:
    """Why it may need the GIL; None: it declares that it does not, or it is not known."""
    if SET_GIL in interpreters.marks(extension):
        return None
    if interpreters.is_single_phase(extension):
        return SINGLE_PHASE
    slots = interpreters.slots(extension)
    if slots is None or slots.gil == GIL_NOT_USED:
        return None
    return "no Py_mod_gil slot" if slots.gil is None else "Py_MOD_GIL_USED"
