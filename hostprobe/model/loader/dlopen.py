"""Opening an object into a running process (`dl_open_worker`)."""

from hostprobe.facts.plan import Open, OpenFlags
from hostprobe.model.loader.load_order import Request, loaded_or_found, map_dependencies, map_object
from hostprobe.model.loader.objects import FailureKind, LoadedObject, Reason
from hostprobe.model.loader.relocate import relocate_new
from hostprobe.model.loader.scope import extend_scopes
from hostprobe.model.loader.state import NoDelete, RefusedError, State
from hostprobe.model.loader.unload import close
from hostprobe.model.loader.versions import check_versions

INVALID_MODE = "invalid mode for dlopen(): Invalid argument"
MODES = OpenFlags.LAZY | OpenFlags.NOW


def open_object(state: State, wish: Open, caller: LoadedObject) -> LoadedObject:
    """Map, check, relocate, publish; raises RefusedError after undoing what was mapped."""
    if not wish.flags & MODES:
        raise RefusedError(FailureKind.INVALID_MODE, wish.path, INVALID_MODE)
    root = map_root(state, wish, caller)
    link = state.links[root]
    link.open_count += 1
    if link.search_list is not None:
        reopen(state, root, wish)
        return root
    if OpenFlags.NODELETE in wish.flags:
        link.nodelete = max(link.nodelete, NoDelete.PENDING)
    try:
        load(state, root, wish)
    except RefusedError:
        close(state, root, by_force=True)
        raise
    publish(state, root, wish)
    return root


def map_root(state: State, wish: Open, caller: LoadedObject) -> LoadedObject:
    """The object that a dlopen names; the empty name is the main program."""
    if not wish.path:
        return state.main
    request = Request(wish.path, caller, Reason.DLOPEN, wish)
    answer = loaded_or_found(state, request) if OpenFlags.NOLOAD in wish.flags else None
    if answer is not None and not isinstance(answer, LoadedObject):
        raise RefusedError(FailureKind.NOT_LOADED, wish.path, "is not loaded")
    return map_object(state, request)


def reopen(state: State, root: LoadedObject, wish: Open) -> None:
    """A root that is open already: its bindings stay, only its place can change."""
    link = state.links[root]
    if OpenFlags.NODELETE in wish.flags:
        link.nodelete = NoDelete.ACTIVE
    if OpenFlags.GLOBAL in wish.flags:
        state.add_global(link.search_list or ())


def load(state: State, root: LoadedObject, wish: Open) -> None:
    """Dependencies, then versions, then relocation."""
    map_dependencies(state, root, wish)
    check_versions(state, state.links[root].search_list or ())
    relocate_new(state, root, lazy=state.is_lazy and OpenFlags.LAZY in wish.flags)


def publish(state: State, root: LoadedObject, wish: Open) -> None:
    """What can no longer fail: NODELETE marks, scopes of older objects, the global scope last."""
    for link in state.links.values():
        if link.nodelete is NoDelete.PENDING:
            link.nodelete = NoDelete.ACTIVE
    extend_scopes(state, root)
    objects = state.links[root].search_list or ()
    for loaded in objects:
        state.links[loaded].is_ready = True
    if OpenFlags.GLOBAL in wish.flags:
        state.add_global(objects)
