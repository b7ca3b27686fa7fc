"""The start of a program: itself, preloaded objects, what it needs (`dl_main`)."""

import re
from collections.abc import Iterator, Mapping

from hostprobe.facts.files import Files, Missing
from hostprobe.facts.linker import PreloadFile
from hostprobe.facts.plan import Plan
from hostprobe.model.loader.c_library import inspected_rules
from hostprobe.model.loader.directories import absolute, directories
from hostprobe.model.loader.index import Index
from hostprobe.model.loader.load_order import (
    Request,
    add_link,
    interpreter_object,
    map_dependencies,
    map_object,
)
from hostprobe.model.loader.objects import FailureKind, FoundBy, LoadedObject, Reason
from hostprobe.model.loader.relocate import relocate_all
from hostprobe.model.loader.rules import Rules, asks_for_executable_stack
from hostprobe.model.loader.state import Objects, RefusedError, State
from hostprobe.model.loader.versions import check_versions

PRELOAD_FILE = "/etc/ld.so.preload"


def new_state(files: Files, plan: Plan, rules: Rules | None, index: Index | None) -> State:
    """A process that holds its main program and nothing else; raises RefusedError.

    Without rules those of the root's own C library count.
    """
    path = absolute(plan.main)
    elf, stat = files.elf(path), files.stat(path)
    if isinstance(elf, Missing):
        kind = FailureKind.NOT_FOUND if elf.not_found else FailureKind.UNREADABLE
        raise RefusedError(kind, plan.main, f"cannot be started: {elf.reason}")
    if isinstance(stat, Missing):
        raise RefusedError(FailureKind.UNREADABLE, plan.main, f"cannot be read: {stat.reason}")
    found, problem = (rules, None) if rules else inspected_rules(files, elf)
    state = State(files, found, directories(files, found, elf), index or Index())
    state.problems = () if problem is None else (problem,)
    number = state.index.number_of(None, elf)
    state.main = LoadedObject(
        path=plan.main,
        real=stat.real,
        elf=elf,
        reason=Reason.MAIN,
        requester=None,
        found_by=FoundBy.PATH,
        cause=None,
        file=number,
        nodes=state.index.nodes[number],
    )
    state.is_lazy = not plan.environment.get("LD_BIND_NOW")
    library_path = plan.environment.get("LD_LIBRARY_PATH", "")
    origin = state.main.origin
    state.directories.library_path = state.directories.split(library_path, origin, ":;")
    return state


def start_program(state: State, environment: Mapping[str, str]) -> None:
    """Load, check and relocate everything that the start brings in; raises RefusedError."""
    main = state.main
    add_link(state, main, set(), None)
    if not main.elf.is_dynamic:
        publish_start(state, (main,))
        return
    interpreter = interpreter_object(state)
    if interpreter is not None:
        add_link(state, interpreter, set(), main)
    preloads = tuple(dict.fromkeys(preload(state, environment)))
    map_dependencies(state, main, None, preloads)
    objects = state.links[main].search_list or ()
    state.reorder(with_interpreter(state, interpreter, objects))
    publish_start(state, objects)
    check_versions(state, objects)
    order = (main, *(state.links[main].dependencies or ()))
    relocate_all(state, at_the_end(interpreter, reversed(order)), lazy=state.is_lazy)
    for link in state.links.values():
        link.is_ready = True


def with_interpreter(
    state: State, interpreter: LoadedObject | None, objects: Objects
) -> Iterator[LoadedObject]:
    """The list of all objects: ld.so moves behind its neighbour in the search list, or out."""
    place = objects.index(interpreter) if interpreter in objects else 0
    for one in state.links:
        if one is not interpreter:
            yield one
        if place and interpreter is not None and one is objects[place - 1]:
            yield interpreter


def at_the_end(
    interpreter: LoadedObject | None, order: Iterator[LoadedObject]
) -> Iterator[LoadedObject]:
    """ld.so relocates itself a second time, after all others."""
    has_interpreter = False
    for one in order:
        if one is interpreter:
            has_interpreter = True
        else:
            yield one
    if has_interpreter and interpreter is not None:
        yield interpreter


def publish_start(state: State, objects: Objects) -> None:
    """The search list of the main program is the global scope."""
    state.add_global(objects)
    state.stack_is_executable = any(
        asks_for_executable_stack(one.elf, state.machine) for one in objects
    )


def preload(state: State, environment: Mapping[str, str]) -> Iterator[LoadedObject]:
    """LD_PRELOAD, then /etc/ld.so.preload; what cannot be loaded is passed over with a warning."""
    for name in preload_names(state, environment):
        try:
            yield map_object(state, Request(name, state.main, Reason.PRELOAD))
        except RefusedError as error:
            state.problems += (f"object '{name}' cannot be preloaded ({error}): ignored",)


def preload_names(state: State, environment: Mapping[str, str]) -> Iterator[str]:
    """Names in the order they are tried."""
    yield from (name for name in re.split("[ :]", environment.get("LD_PRELOAD", "")) if name)
    listed = state.files.read(PRELOAD_FILE, PreloadFile)
    if not isinstance(listed, Missing):
        yield from listed.paths
    elif not listed.not_found:
        state.problems += (f"{listed.reason}: objects that it preloads are not simulated",)
