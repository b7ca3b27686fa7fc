"""One reference against the objects in scope (`do_lookup_x`, `check_match`).

Steps through no scope: the shared index tells which files define a name, their positions in the
global scope tell which of them comes first.
"""

from collections.abc import Container, Iterator, Mapping, Sequence

from hostprobe.facts.elf import (
    STB_GNU_UNIQUE,
    STV_HIDDEN,
    STV_INTERNAL,
    VERSYM_HIDDEN,
    VERSYM_VERSION,
    Definition,
    LookupClass,
    Reference,
)
from hostprobe.model.loader.index import NOBODY, UNASKED
from hostprobe.model.loader.objects import FailureKind, LoadedObject, text
from hostprobe.model.loader.rules import Habit
from hostprobe.model.loader.scope import search_list
from hostprobe.model.loader.state import NoDelete, RefusedError, State

PLT, COPY = LookupClass.PLT, LookupClass.COPY
LOCAL_VISIBILITY = {STV_HIDDEN, STV_INTERNAL}
FIRST_OWN_INDEX = 3
"""Version indexes below are the object's base and its first node: the oldest definition."""


SearchList = list[tuple[LoadedObject, Container[bytes]]]
"""Objects with the names they define."""


def match(
    provider: LoadedObject, reference: Reference, lookup_class: LookupClass
) -> Definition | None:
    """The definition in one object that the loader accepts for a reference."""
    definitions = provider.elf.definitions.get(reference.name)
    if definitions is None:
        return None
    if lookup_class is PLT:
        for one in definitions:
            if one.undefined:
                definitions = tuple(one for one in definitions if not one.undefined)
                break
    if not provider.elf.has_versym:
        found = definitions[0] if definitions else None
    elif reference.version is None:
        found = match_unversioned(definitions)
    else:
        found = match_version(definitions, reference, provider.nodes)
    return None if found is None or found.visibility in LOCAL_VISIBILITY else found


def match_version(
    definitions: Sequence[Definition], reference: Reference, nodes: Mapping[int, bytes]
) -> Definition | None:
    """The same node, or a base definition unless one of the two sides is hidden."""
    for one in definitions:
        node = nodes.get(one.versym & VERSYM_VERSION)
        if node == reference.version:
            return one
        if node is None and not reference.hidden and not one.versym & VERSYM_HIDDEN:
            return one
    return None


def match_unversioned(definitions: Sequence[Definition]) -> Definition | None:
    """The base or the first node even if hidden, else the only definition that is not hidden."""
    visible = []
    for one in definitions:
        if one.versym & VERSYM_VERSION < FIRST_OWN_INDEX:
            return one
        if not one.versym & VERSYM_HIDDEN:
            visible.append(one)
    return visible[0] if len(visible) == 1 else None


def answers_everywhere(provider: LoadedObject, reference: Reference) -> bool:
    """No process in which it is the only definer has another answer, or an effect besides."""
    if reference.lookup_class is COPY or not (provider.elf.has_versym or reference.file is None):
        return False
    binds = [one.bind for one in provider.elf.definitions[reference.name]]
    return STB_GNU_UNIQUE not in binds


class Scope:
    """The search lists of one object, made ready for many look-ups."""

    def __init__(self, state: State, asker: LoadedObject) -> None:
        self.state, self.asker = state, asker
        self.lists: list[SearchList | None] = []
        """None is the global scope."""

        link = state.links[asker]
        if link.is_symbolic:
            self.lists.append([(asker, asker.elf.definitions)])
        seen_global = False
        for owner in link.scope:
            if owner is state.main:
                self.lists.append(None)
                seen_global = True
            else:
                self.lists.append(self.local(owner, seen_global=seen_global))

    def local(self, owner: LoadedObject, *, seen_global: bool) -> SearchList:
        """A root's list; what the global scope holds need not be asked a second time."""
        positions = self.state.positions if seen_global else ()
        return [
            (one, one.elf.definitions)
            for one in search_list(self.state, owner)
            if one.file not in positions
        ]

    def providers(self) -> Iterator[LoadedObject | None]:
        """The provider of each reference of the asker, in their order.

        Of a name that one file alone defines it is found out once, for all processes; what no
        file of a global scope defines is looked for behind it only.
        """
        state, near = self.state, self.near()
        behind = self.lists if near is None else self.lists[1:]
        definers, positions = state.index.definers, state.positions
        soles = state.index.soles_of(self.asker.file)
        for number, reference in enumerate(self.asker.elf.references):
            file = definers.get(reference.name)
            if file == soles[number] and near is not None:
                place = positions.get(file)
                if place is not None:
                    yield state.global_scope[place]
                    continue
                if near:
                    yield near.get(file)
                    continue
            lists = behind if file is None else self.lists
            provider = self.find(reference, reference.lookup_class, lists)
            if provider and provider.file == file and soles[number] == UNASKED:
                soles[number] = file if answers_everywhere(provider, reference) else NOBODY
            yield provider

    def near(self) -> Mapping[int, LoadedObject] | None:
        """What stands behind the global scope, by file; None where the global scope is not first.

        Empty where a file of it was in no global scope yet: then the index does not know its names.
        """
        if self.lists[:1] != [None]:
            return None
        found = {one.file: one for objects in self.lists[1:] for one, _ in objects or ()}
        return found if found.keys() <= self.state.index.indexed else {}

    def find(
        self,
        reference: Reference,
        lookup_class: LookupClass,
        lists: Sequence[SearchList | None] | None = None,
    ) -> LoadedObject | None:
        """The provider, or None; a COPY reference passes over the executable.

        `lists`: those of the scope that can hold it, where that is known.
        """
        name = reference.name
        for objects in self.lists if lists is None else lists:
            if objects is None:
                provider = self.find_global(reference, lookup_class)
            else:
                candidates = [one for one, names in objects if name in names]
                provider = self.first(candidates, reference, lookup_class) if candidates else None
            if provider is not None:
                return provider
        return None

    def find_global(self, reference: Reference, lookup_class: LookupClass) -> LoadedObject | None:
        """The provider in the global scope; equal questions are answered once."""
        key = reference.name, reference.version, lookup_class
        answers = self.state.answers
        provider = answers.get(key)
        if provider is not None and not reference.hidden:
            return provider
        candidates = self.definers(reference.name)
        provider = self.first(candidates, reference, lookup_class) if candidates else None
        if provider is not None and self.is_same_for_all(provider, reference):
            answers[key] = provider
        return provider

    def is_same_for_all(self, provider: LoadedObject, reference: Reference) -> bool:
        """Whoever asks gets this answer: no unique owner, no hidden need, no lost versions."""
        if reference.hidden or reference.name in self.state.unique:
            return False
        return provider.elf.has_versym or reference.version is None

    def first(
        self, candidates: Sequence[LoadedObject], reference: Reference, lookup_class: LookupClass
    ) -> LoadedObject | None:
        """The first candidate whose definition is accepted."""
        for provider in candidates:
            if lookup_class is COPY and provider is self.state.main:
                continue
            if not provider.elf.has_versym and reference.file is not None:
                self.refuse_lost_versions(provider, reference)  # before its visibility is asked
            definition = match(provider, reference, lookup_class)
            if definition is not None:
                if definition.bind == STB_GNU_UNIQUE:
                    return self.unique_owner(reference.name, provider, lookup_class)
                return provider
        return None

    def definers(self, name: bytes) -> Sequence[LoadedObject]:
        """Objects of the global scope that define a name, in scope order."""
        files = self.state.index.definers.get(name)
        if files is None:
            return ()
        positions, scope = self.state.positions, self.state.global_scope
        if isinstance(files, int):
            place = positions.get(files)
            return () if place is None else (scope[place],)
        return [scope[place] for place in sorted(positions[f] for f in files if f in positions)]

    def unique_owner(
        self, name: bytes, provider: LoadedObject, lookup_class: LookupClass
    ) -> LoadedObject:
        """The one owner of a STB_GNU_UNIQUE name in the process: who was bound first."""
        state = self.state
        owner = state.unique.get(name)
        if owner is not None:
            return provider if lookup_class is COPY else owner
        state.unique[name] = self.asker if lookup_class is COPY else provider
        link = state.links[provider]
        if lookup_class is not COPY and not link.is_startup:
            link.nodelete = max(link.nodelete, NoDelete.PENDING)
        return provider

    def refuse_lost_versions(self, provider: LoadedObject, reference: Reference) -> None:
        """ld.so's assertion: the library that DT_VERNEED names has no versions any more."""
        if not self.state.rules.has(Habit.LOST_VERSIONS_END_THE_PROCESS):
            return
        name = text(reference.file or b"")
        if name in self.state.links[provider].names:
            raise RefusedError(
                FailureKind.ABORT,
                provider.path,
                f"has no versions although {self.asker.path} was linked to {text(reference.name)}"
                f"@{text(reference.version or b'')} of {name}: ld.so ends the process",
                self.asker,
            )
