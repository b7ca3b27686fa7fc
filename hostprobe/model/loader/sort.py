"""Dependency order: dependents before what they need (`_dl_sort_maps`).

From glibc 2.35 on the reversed post-order of a depth-first walk; before, objects changed places.
The two differ where dependencies go in circles.
"""

from collections import Counter
from collections.abc import Container, Mapping, Sequence

from hostprobe.model.loader.objects import LoadedObject
from hostprobe.model.loader.rules import Habit
from hostprobe.model.loader.state import Objects, State

MAX_TURNS = 100_000
"""A thousand objects without circles take a few thousand."""


def sort_by_dependency(
    state: State, objects: Sequence[LoadedObject], first: LoadedObject | None = None
) -> Objects:
    """Dependents before what they need; `first` comes first whatever depends on it."""
    if state.rules.has(Habit.DEPTH_FIRST_ORDER):
        return walk(state, objects, first)
    if first is None:
        return change_places(state, objects)
    return (first, *change_places(state, [one for one in objects if one is not first]))


def change_places(state: State, objects: Sequence[LoadedObject]) -> Objects:
    """Move each object behind the last one that needs it, until none is behind it.

    In a circle that never ends; so a place is left once the object that would take it was there
    more often than there are places behind. Circles of hundreds of objects take ld.so itself
    minutes; they get the newer order, and a problem says so.
    """
    found, place = list(objects), 0
    needs = {one: frozenset(state.links[one].dependencies or ()) for one in objects}
    turns: Counter[LoadedObject] = Counter()
    for _ in range(MAX_TURNS):
        if place >= len(found):
            return tuple(found)
        turns[found[place]] += 1
        last = last_user(found, needs, place)
        if last > place:
            found.insert(last, found.pop(place))
        if last == place or turns[found[place]] > len(found) - place:
            place += 1
            turns.clear()
    state.problems += (f"{len(found)} objects need each other: their order is not that of ld.so",)
    return walk(state, objects, None)


def last_user(
    objects: Sequence[LoadedObject],
    needs: Mapping[LoadedObject, Container[LoadedObject]],
    place: int,
) -> int:
    """Where the last object stands that needs the one at a place; the place itself for none."""
    wanted = objects[place]
    for last in range(len(objects) - 1, place, -1):
        if wanted in needs[objects[last]]:
            return last
    return place


def walk(state: State, objects: Sequence[LoadedObject], first: LoadedObject | None) -> Objects:
    """Depth first, from the end of the list."""
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
