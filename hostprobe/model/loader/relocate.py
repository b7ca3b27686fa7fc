"""Binding every reference of new objects, dependencies first (`_dl_relocate_object`)."""

from collections.abc import Iterable, Sequence

from hostprobe.facts.elf import Reference
from hostprobe.model.loader.index import Bound
from hostprobe.model.loader.lookup import PLT, Scope
from hostprobe.model.loader.objects import FailureKind, LoadedObject, text
from hostprobe.model.loader.rules import Habit
from hostprobe.model.loader.sort import sort_by_dependency
from hostprobe.model.loader.state import NoDelete, RefusedError, State, Step


def relocate_new(state: State, root: LoadedObject, *, lazy: bool) -> None:
    """Relocate what a dlopen brought in; raises RefusedError."""
    relocate_all(state, reversed(new_objects(state, root)), lazy=lazy)


def new_objects(state: State, root: LoadedObject) -> Sequence[LoadedObject]:
    """What is not relocated yet, sorted; before glibc 2.35 in load order and sorted once more."""
    links = state.links
    if state.rules.has(Habit.DEPTH_FIRST_ORDER):
        listed = (root, *(links[root].dependencies or ()))
        return [one for one in listed if links[one].providers is None]
    return sort_by_dependency(state, [one for one in links if links[one].providers is None])


def relocate_all(state: State, objects: Iterable[LoadedObject], *, lazy: bool) -> None:
    """Relocate in this order."""
    for loaded in objects:
        relocate(state, loaded, lazy=lazy and not loaded.elf.bind_now)


def relocate(state: State, loaded: LoadedObject, *, lazy: bool) -> None:
    """Bind each reference; a lazy slot gets the answer of now and may stay unbound.

    Where its look-ups meet the same files in the same order as once before, the answers are the
    same and are taken from there.
    """
    state.note(Step.RELOCATE, loaded)
    scope = Scope(state, loaded)
    link = state.links[loaded]
    link.lazy = lazy
    order = scope.order()
    key = loaded.file, *[one.file for one in order]
    bound = state.index.bound.get(key)
    if bound is None:
        link.providers = look_up(state, scope, loaded, lazy=lazy)
        if not scope.has_effects:
            state.index.bound[key] = bound_to(loaded, order, link.providers)
        return
    for reference in bound.unbound:
        require_optional(loaded, reference, lazy=lazy)
    objects = {one.file: one for one in order}
    for one in bound.used:
        if one.file != loaded.file:
            add_dependency(state, loaded, objects[one.file])
    link.providers = bound.providers
    if order != bound.order:
        link.providers = tuple([one and objects[one.file] for one in bound.providers])


def look_up(
    state: State, scope: Scope, loaded: LoadedObject, *, lazy: bool
) -> tuple[LoadedObject | None, ...]:
    """The provider of each reference, found by walking the scope; raises RefusedError."""
    known: set[LoadedObject | None] = {None, loaded}
    providers: list[LoadedObject | None] = []
    for reference, provider in zip(loaded.elf.references, scope.providers(), strict=True):
        if provider is not loaded:
            if provider is None:
                require_optional(loaded, reference, lazy=lazy)
            elif reference.protected and stays_home(scope, loaded, reference):
                provider = loaded  # noqa: PLW2901  what the loop found is not the answer
            if provider not in known:
                known.add(provider)
                add_dependency(state, loaded, provider)
        providers.append(provider)
    return tuple(providers)


def bound_to(
    loaded: LoadedObject,
    order: tuple[LoadedObject, ...],
    providers: tuple[LoadedObject | None, ...],
) -> Bound:
    """What is remembered for the next time."""
    pairs = zip(loaded.elf.references, providers, strict=True)
    used = tuple([one for one in dict.fromkeys(providers) if one is not None])
    unbound = tuple([reference for reference, one in pairs if one is None])
    return Bound(order, providers, used, unbound)


def require_optional(loaded: LoadedObject, reference: Reference, *, lazy: bool) -> None:
    """RefusedError for a strong reference that nothing provides, unless a lazy slot waits."""
    if not reference.weak and not (lazy and reference.in_plt):
        raise undefined(loaded, reference)


def stays_home(scope: Scope, loaded: LoadedObject, reference: Reference) -> bool:
    """A protected symbol that another object defines too still means the object's own.

    The exception is a canonical PLT entry of the executable: no definition, so the address of
    the function stays the same everywhere.
    """
    if reference.lookup_class is PLT:
        return True
    other = scope.find(reference, PLT)
    return other is not None and other is not loaded


def undefined(loaded: LoadedObject, reference: Reference) -> RefusedError:
    """A strong reference that nothing in scope defines."""
    symbol = text(reference.name)
    version = f", version {text(reference.version)}" if reference.version is not None else ""
    problem = f"undefined symbol: {symbol}{version}"
    error = RefusedError(FailureKind.UNDEFINED_SYMBOL, loaded.path, problem, loaded)
    error.missing = symbol
    return error


def add_dependency(state: State, asker: LoadedObject, provider: LoadedObject | None) -> None:
    """Keep a provider that is no dependency as long as its user (`add_dependency`).

    What start-up objects and others that stay for ever use stays for ever.
    """
    if provider is None:
        return
    link, target = state.links[asker], state.links[provider]
    if target.is_startup or target.nodelete:
        return
    if provider in (link.dependencies or ()) or provider in link.relocation_dependencies:
        return
    if link.is_startup or link.nodelete:
        target.nodelete = NoDelete.PENDING
    else:
        link.relocation_dependencies += (provider,)
