"""Mapping one object (`_dl_map_object`) and what it needs (`_dl_map_object_deps`)."""

from dataclasses import dataclass, field

from hostprobe.facts.elf import DF_1_NODELETE, DF_1_PIE, ET_EXEC, Elf, Filter
from hostprobe.facts.plan import Open, OpenFlags
from hostprobe.model.loader.objects import FailureKind, FoundBy, LoadedObject, Reason, text
from hostprobe.model.loader.rules import Habit, asks_for_executable_stack
from hostprobe.model.loader.scope import first_scope
from hostprobe.model.loader.search import Found, find
from hostprobe.model.loader.sort import sort_by_dependency
from hostprobe.model.loader.state import Link, NoDelete, Objects, RefusedError, State, Step

DF_1_NOOPEN = 0x40
MAX_OBJECTS = 2048
"""More objects than any process has; a longer chain is refused."""


@dataclass(slots=True)
class Request:
    """One wish to have an object, from NEEDED, LD_PRELOAD or dlopen."""

    name: str
    asker: LoadedObject
    """Whose paths are searched and whose $ORIGIN counts."""

    reason: Reason
    cause: Open | None = None


def map_object(state: State, request: Request) -> LoadedObject:
    """The object that answers to a name: one that is loaded already, else the file found.

    Names are compared before any search: path as opened, names asked by, then soname. Raises
    RefusedError.
    """
    answer = loaded_or_found(state, request)
    if isinstance(answer, LoadedObject):
        state.add_name(answer, request.name)
        return answer
    refuse_unloadable(state, answer, request)
    return add_object(state, answer, request)


def loaded_or_found(state: State, request: Request) -> LoadedObject | Found:
    """The object that answers to the name or is the file found; else that file."""
    known = state.names.get(request.name)
    if known is not None:
        return known
    found = find(state, request.name, request.asker)
    number = state.index.numbers.get((found.stat.device, found.stat.inode))
    same = None if number is None else state.numbers.get(number)
    return same or found


def refuse_unloadable(state: State, found: Found, request: Request) -> None:
    """Raise RefusedError for an object that ld.so maps and then rejects."""
    elf, is_dlopen = found.elf, request.cause is not None
    kind, problem = FailureKind.IS_EXECUTABLE, ""
    if not elf.is_dynamic:
        kind, problem = FailureKind.NO_DYNAMIC_SECTION, "object file has no dynamic section"
    elif elf.type == ET_EXEC:
        problem = "cannot dynamically load executable"
    elif elf.dt_flags_1 & DF_1_PIE and state.rules.has(Habit.PIE_REFUSED):
        problem = "cannot dynamically load position-independent executable"
    elif elf.dt_flags_1 & DF_1_NOOPEN and is_dlopen:
        kind, problem = FailureKind.NOT_OPENABLE, "shared object cannot be dlopen()ed"
    elif is_dlopen and wants_executable_stack(state, elf):
        kind = FailureKind.EXECUTABLE_STACK
        problem = "cannot enable executable stack as shared object requires: Invalid argument"
    if problem:
        error = RefusedError(kind, request.name, problem)
        error.missing = found.path
        raise error


def wants_executable_stack(state: State, elf: Elf) -> bool:
    """The object asks for what the process does not have and will not get."""
    is_refused = not state.stack_is_executable and state.rules.has(Habit.EXECUTABLE_STACK_REFUSED)
    return is_refused and asks_for_executable_stack(elf, state.machine)


def add_object(state: State, found: Found, request: Request) -> LoadedObject:
    """Enter a new object at the end of the list."""
    if len(state.links) >= MAX_OBJECTS:
        problem = f"more than {MAX_OBJECTS} objects in one process"
        raise RefusedError(FailureKind.UNREADABLE, found.path, problem)
    identity = (found.stat.device, found.stat.inode)
    number = state.index.number_of(identity, found.elf)
    is_root = request.reason is Reason.DLOPEN
    loaded = LoadedObject(
        path=found.path,
        real=found.stat.real,
        elf=found.elf,
        reason=request.reason,
        requester=request.asker,
        found_by=found.step,
        cause=request.cause,
        file=number,
        nodes=state.index.nodes[number],
    )
    add_link(state, loaded, {request.name}, None if is_root else request.asker)
    return loaded


def add_link(
    state: State, loaded: LoadedObject, names: set[str], loader: LoadedObject | None
) -> Link:
    """Let the process know an object, its names and its scope."""
    cause = loaded.cause
    is_deep = cause is not None and OpenFlags.DEEPBIND in cause.flags
    pending = bool(loaded.elf.dt_flags_1 & DF_1_NODELETE)
    link = Link(
        names=frozenset({loaded.path, *names}),
        loader=loader,
        scope=first_scope(state, loaded, loader, deep=is_deep),
        is_symbolic=loaded.elf.dt_symbolic and not is_deep and loaded.reason is not Reason.MAIN,
        is_startup=cause is None,
        nodelete=NoDelete.PENDING if pending else NoDelete.NO,
    )
    state.links[loaded] = link
    state.note(Step.MAP, loaded)
    state.numbers[loaded.file] = loaded
    for name in (loaded.path, *names, loaded.soname):
        if name is not None:
            state.names.setdefault(name, loaded)
    return link


@dataclass(slots=True)
class Queue:
    """The search list of a root while it grows."""

    objects: list[LoadedObject] = field(default_factory=list)
    members: set[LoadedObject] = field(default_factory=set)
    done: set[LoadedObject] = field(default_factory=set)
    cursor: int = 0
    """Everything before it is done."""

    def append(self, loaded: LoadedObject) -> None:
        """Enter at the end what is not in the list."""
        if loaded not in self.members:
            self.members.add(loaded)
            self.objects.append(loaded)

    def stands_before(self, loaded: LoadedObject, filtered: LoadedObject) -> bool:
        """In the list, and not behind a filter."""
        return loaded in self.objects[: self.objects.index(filtered) + 1]

    def put_before(self, loaded: LoadedObject, filtered: LoadedObject) -> bool:
        """Enter a filter's target in front of it.

        True: its own turn has come before, so it is what put the filter in front of itself.
        """
        place = self.objects.index(filtered)
        if loaded in self.members:
            self.objects.remove(loaded)
        self.members.add(loaded)
        self.objects.insert(place, loaded)
        self.cursor = min(self.cursor, place)
        return loaded in self.done

    def pop_next(self) -> LoadedObject | None:
        """The first object whose dependencies are not entered yet."""
        while self.cursor < len(self.objects):
            loaded = self.objects[self.cursor]
            if loaded not in self.done:
                self.done.add(loaded)
                return loaded
            self.cursor += 1
        return None


def map_dependencies(
    state: State, root: LoadedObject, cause: Open | None, preloads: Objects = ()
) -> None:
    """Load what the root needs, breadth-first, and give it its search list.

    When a dependency cannot be loaded the list stays partial and RefusedError is raised.
    """
    queue = Queue()
    for one in (root, *preloads):
        queue.append(one)
    try:
        while (loaded := queue.pop_next()) is not None:
            needed = map_needed(state, loaded, cause, queue)
            remember_needed(state, loaded, needed, is_root=loaded is root)
    finally:
        link = state.links[root]
        link.search_list = tuple(queue.objects)
        ordered = sort_by_dependency(state, link.search_list, first=root)
        link.dependencies = ordered[1:]
        held = set(link.search_list)
        link.relocation_dependencies = tuple(
            one for one in link.relocation_dependencies if one not in held
        )


def remember_needed(state: State, loaded: LoadedObject, needed: Objects, *, is_root: bool) -> None:
    """Note what an object needs directly; a root gets its sorted list at the end instead."""
    link = state.links[loaded]
    link.needed = needed
    if link.dependencies is None and not is_root:
        link.dependencies = tuple(one for one in needed if one is not loaded)


def map_needed(state: State, loaded: LoadedObject, cause: Open | None, queue: Queue) -> Objects:
    """Load the direct dependencies of one object and enter them in the list."""
    needed: dict[LoadedObject, None] = {}
    for name in loaded.elf.needed:
        dependency = map_needed_object(state, loaded, text(name), cause)
        needed[dependency] = None
        queue.append(dependency)
    for entry in loaded.elf.filters:
        target = map_filtered(state, loaded, entry, cause)
        if target is None:
            continue
        needed[target] = None
        if not queue.stands_before(target, loaded):
            if queue.put_before(target, loaded):
                refuse_circle(target, loaded)
            move_before(state, target, loaded)
    return tuple(needed)


def map_needed_object(
    state: State, loaded: LoadedObject, name: str, cause: Open | None
) -> LoadedObject:
    """One NEEDED entry; tokens are replaced in names without a slash too."""
    expanded = state.directories.expand(name, loaded.origin)
    try:
        return map_object(state, Request(expanded, loaded, Reason.NEEDED, cause))
    except RefusedError as error:
        error.requester = error.requester or loaded
        raise


def map_filtered(
    state: State, loaded: LoadedObject, entry: Filter, cause: Open | None
) -> LoadedObject | None:
    """The library of one entry; a missing auxiliary library is no error."""
    try:
        return map_needed_object(state, loaded, text(entry.name), cause)
    except RefusedError:
        if not entry.is_auxiliary:
            raise
        return None


def refuse_circle(target: LoadedObject, loaded: LoadedObject) -> None:
    """Raise RefusedError: ld.so puts the two before each other until its stack is full."""
    problem = f"filters {target.path}, which filters it: ld.so ends the process"
    raise RefusedError(FailureKind.ABORT, loaded.path, problem, loaded)


def move_before(state: State, target: LoadedObject, loaded: LoadedObject) -> None:
    """Put a filter's target right before it in the list of all objects too, wherever it was."""
    order = list(state.links)
    order.remove(target)
    order.insert(order.index(loaded), target)
    state.reorder(order)


def interpreter_object(state: State) -> LoadedObject | None:
    """ld.so itself, mapped by the kernel; it answers to PT_INTERP's text and to its soname.

    Not to its file: glibc does not note which one it is, so another path maps it a second time.
    """
    path = text(state.main.elf.interpreter or b"")
    if not path:
        return None
    try:
        found = find(state, path, state.main)
    except RefusedError as error:
        state.problems += (str(error),)
        return None
    number = state.index.number_of(None, found.elf)
    return LoadedObject(
        path=path,
        real=found.stat.real,
        elf=found.elf,
        reason=Reason.NEEDED,
        requester=state.main,
        found_by=FoundBy.LOADED,
        cause=None,
        file=number,
        nodes=state.index.nodes[number],
    )
