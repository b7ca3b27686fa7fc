"""Dependency order: reversed post-order of a depth-first walk (`_dl_sort_maps`, glibc 2.35)."""

from collections.abc import Sequence

from hostprobe.model.loader.objects import LoadedObject
from hostprobe.model.loader.state import Objects, State


def sort_by_dependency(
    state: State, objects: Sequence[LoadedObject], first: LoadedObject | None = None
) -> Objects:
    """Dependents before what they need; the walk starts at the end of the list.

    `first` is moved to the front whatever depends on it.
    """
    left = set(objects)
    found: list[LoadedObject] = []
    for loaded in reversed(objects):
        visit(state, loaded, left, found)
    found.reverse()
    if first is not None and found[0] is not first:
        found.remove(first)
        found.insert(0, first)
    return tuple(found)


def visit(
    state: State, loaded: LoadedObject, left: set[LoadedObject], found: list[LoadedObject]
) -> None:
    """Append an object after everything it reaches; with a stack of its own, chains may be long."""
    if loaded not in left:
        return
    left.remove(loaded)
    stack = [(loaded, iter(state.links[loaded].dependencies or ()))]
    while stack:
        current, rest = stack[-1]
        below = next((one for one in rest if one in left), None)
        if below is None:
            found.append(current)
            stack.pop()
        else:
            left.remove(below)
            stack.append((below, iter(state.links[below].dependencies or ())))
