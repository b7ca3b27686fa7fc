"""Why a reference is bound as it is: the scopes in the order of the search, who was passed over.

The state keeps answers, not reasons; this walks again over the scopes as they were when the
object was relocated, which the history tells.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from hostprobe.facts.elf import STB_GNU_UNIQUE, Definition, Reference
from hostprobe.model.loader.binding import Binding
from hostprobe.model.loader.lookup import COPY, LOCAL_VISIBILITY, PLT, match
from hostprobe.model.loader.objects import LoadedObject, text
from hostprobe.model.loader.process import Process
from hostprobe.model.loader.state import Objects, State, Step

INDEX = 0x7FFF


class ScopeKind(StrEnum):
    """One list that a look-up walks."""

    OWN = "own"
    """The object itself, before all others (DT_SYMBOLIC)."""

    GLOBAL = "global"
    LOCAL = "local"
    """The breadth-first list of the object that was opened."""

    LOCAL_FIRST = "local-first"
    """The same, before the global scope (RTLD_DEEPBIND)."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """An object in scope that has the name."""

    object: LoadedObject
    scope: ScopeKind
    owner: LoadedObject
    """Whose list it is; the main program's is the global scope."""

    position: int
    """In that list, from 1."""

    passed_over: str = ""
    """Why its definition does not count; empty: it is taken."""


@dataclass(frozen=True, slots=True)
class Decision:
    """How the look-up of one reference went."""

    candidates: tuple[Candidate, ...]
    """In the order of the search, the one that is taken at the end."""

    note: str = ""
    """What overruled the search."""


def decide(process: Process, binding: Binding) -> Decision:
    """Repeat the look-up of a binding of that process."""
    state = process.state
    if state is None or binding.object not in state.links:
        return Decision(())
    found: list[Candidate] = []
    for candidate in candidates(state, binding):
        found.append(candidate)
        if not candidate.passed_over:
            break
    last = found[-1] if found and not found[-1].passed_over else None
    return Decision(tuple(found), overruled(binding, last))


def candidates(state: State, binding: Binding) -> Iterator[Candidate]:
    """Everything in scope that has the name, without repeats."""
    seen: set[LoadedObject] = set()
    name = binding.reference.name
    for kind, owner, objects in scopes(state, binding.object):
        for position, loaded in enumerate(objects, 1):
            if loaded in seen or name not in loaded.elf.definitions:
                continue
            seen.add(loaded)
            why = passed_over(state, loaded, binding.reference)
            yield Candidate(loaded, kind, owner, position, why)


def scopes(state: State, asker: LoadedObject) -> Iterator[tuple[ScopeKind, LoadedObject, Objects]]:
    """The lists that the object's relocation walked."""
    place = relocation(state, asker)
    link = state.links[asker]
    if link.is_symbolic:
        yield ScopeKind.OWN, asker, (asker,)
    younger = {one.object for one in state.history[place:] if one.step is Step.MAP}
    kind = ScopeKind.LOCAL_FIRST
    for owner in link.scope:
        if owner is state.main:
            kind = ScopeKind.LOCAL
            yield ScopeKind.GLOBAL, owner, global_scope_at(state, place)
        elif owner not in younger:
            yield kind, owner, state.links[owner].search_list or ()


def relocation(state: State, asker: LoadedObject) -> int:
    """Where the history has the object's relocation."""
    steps = (
        number
        for number, one in enumerate(state.history)
        if one.object is asker and one.step is Step.RELOCATE
    )
    return next(steps, len(state.history))


def global_scope_at(state: State, place: int) -> Objects:
    """The global scope before one step of the history."""
    found: dict[LoadedObject, None] = {}
    for step, loaded in state.history[:place]:
        if step is Step.ADD_GLOBAL:
            found[loaded] = None
        elif step is Step.UNMAP:
            found.pop(loaded, None)
    return tuple(found)


def passed_over(state: State, provider: LoadedObject, reference: Reference) -> str:
    """Why `match` refuses a definition; empty when it does not."""
    if reference.lookup_class is COPY and provider is state.main:
        return "a copy into the program is not taken from the program"
    if match(provider, reference, reference.lookup_class) is not None:
        return ""
    definitions = provider.elf.definitions[reference.name]
    if reference.lookup_class is PLT:
        definitions = tuple(one for one in definitions if not one.undefined)
        if not definitions:
            return "it only has a PLT entry of that name"
    if all(one.visibility in LOCAL_VISIBILITY for one in definitions):
        return "hidden there"
    return "it has " + " and ".join(sorted({version_of(provider, one) for one in definitions}))


def version_of(provider: LoadedObject, definition: Definition) -> str:
    """The node of a definition, in words."""
    node = provider.nodes.get(definition.versym & INDEX)
    return "no version" if node is None else f"version {text(node)}"


def overruled(binding: Binding, last: Candidate | None) -> str:
    """Why not the candidate that the search takes."""
    provider = binding.provider
    if provider is (last.object if last else None):
        return ""
    if provider is None:
        return "it was not there yet when the object was relocated"
    if binding.reference.protected and provider is binding.object:
        return "protected: a reference to one's own definition"
    definitions = provider.elf.definitions.get(binding.reference.name, ())
    if any(one.bind == STB_GNU_UNIQUE for one in definitions):
        return "unique in the process: who was bound first"
    return "bound by the scope of another moment"
