"""Which search lists an object's references walk (`_dl_new_object`, `update_scopes`)."""

from hostprobe.model.loader.objects import LoadedObject
from hostprobe.model.loader.state import Objects, State


def first_scope(
    state: State, loaded: LoadedObject, loader: LoadedObject | None, *, deep: bool
) -> Objects:
    """Owners for a new object: the global scope, then its root; DEEPBIND swaps them."""
    if not state.links:
        return (loaded,)
    top = loaded
    while loader is not None:
        top, loader = loader, state.links[loader].loader
    if top is state.main:
        return (state.main,)
    return (top, state.main) if deep else (state.main, top)


def extend_scopes(state: State, root: LoadedObject) -> None:
    """Append the root's list to dependencies that were loaded before.

    Their bindings stay; only lazy slots and dlsym(3) see it.
    """
    for loaded in state.links[root].search_list or ():
        link = state.links[loaded]
        if link.is_ready and not link.is_startup and root not in link.scope:
            link.scope += (root,)


def search_list(state: State, owner: LoadedObject) -> Objects:
    """The list that an owner stands for; the main program's is the global scope."""
    if owner is state.main:
        return tuple(state.global_scope)
    return state.links[owner].search_list or ()
