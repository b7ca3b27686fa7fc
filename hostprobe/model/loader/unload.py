"""Closing: what nobody uses any more leaves the process (`_dl_close_worker`)."""

from hostprobe.model.loader.objects import LoadedObject
from hostprobe.model.loader.state import Link, NoDelete, Objects, State, Step


def close(state: State, loaded: LoadedObject, *, by_force: bool = False) -> Objects:
    """Undo one open and return what was unmapped.

    By force (a dlopen that failed) owned unique names are forgotten too: otherwise their owners
    stay mapped.
    """
    link = state.links[loaded]
    if link.nodelete is NoDelete.ACTIVE and not by_force:
        return ()
    link.open_count -= 1
    if link.open_count > 0 or link.is_startup:
        return ()
    used = mark_used(state)
    removed = tuple(one for one in state.links if one not in used)
    if removed:
        for survivor in used:
            leave_scopes(state, survivor, used)
        remove(state, removed, by_force=by_force)
    return removed


def mark_used(state: State) -> set[LoadedObject]:
    """Start-up objects, open ones and those marked NODELETE, and what they depend on."""
    todo = [one for one, link in state.links.items() if is_held(link)]
    used = set(todo)
    while todo:
        link = state.links[todo.pop()]
        for one in (*(link.dependencies or ()), *link.relocation_dependencies):
            if one not in used:
                used.add(one)
                todo.append(one)
    return used


def is_held(link: Link) -> bool:
    """Stays whoever else goes."""
    return link.is_startup or link.open_count > 0 or link.nodelete is NoDelete.ACTIVE


def leave_scopes(state: State, survivor: LoadedObject, used: set[LoadedObject]) -> None:
    """Take the lists of unmapped roots out of a scope.

    A survivor that has no list of its own gets one in the place of the first: itself and what it
    needs directly.
    """
    link = state.links[survivor]
    if link.is_startup:
        return
    if link.loader is not None and link.loader not in used:
        link.loader = None
    if all(owner in used for owner in link.scope):
        return
    scope: dict[LoadedObject, None] = {}
    for owner in link.scope:
        if owner in used:
            scope[owner] = None
        elif link.search_list is None:
            link.search_list = (survivor, *(link.dependencies or ()))
            scope[survivor] = None
    link.scope = tuple(scope)


def remove(state: State, removed: Objects, *, by_force: bool) -> None:
    """Forget objects: their names, their files, their places in the global scope."""
    gone = set(removed)
    lost_names: set[str] = set()
    for loaded in removed:
        link = state.links.pop(loaded)
        state.note(Step.UNMAP, loaded)
        lost_names |= {*link.names, loaded.soname or loaded.path}
        state.numbers.pop(loaded.file, None)
    rename(state, lost_names, gone)
    if any(one in gone for one in state.global_scope):
        state.global_scope = [one for one in state.global_scope if one not in gone]
        state.positions = {one.file: place for place, one in enumerate(state.global_scope)}
        state.answers = {}
    if by_force:
        state.unique = {name: one for name, one in state.unique.items() if one not in gone}


def rename(state: State, lost: set[str], gone: set[LoadedObject]) -> None:
    """Names of unmapped objects may belong to others that are still there."""
    for name in lost:
        if state.names.get(name) in gone:
            del state.names[name]
    for loaded, link in state.links.items():
        for name in lost & link.names:
            state.names.setdefault(name, loaded)
        if loaded.soname in lost:
            state.names.setdefault(loaded.soname, loaded)
