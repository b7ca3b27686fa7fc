"""One reference against the objects in scope (`do_lookup_x`, `check_match`).

Steps through no scope where one file of it alone defines the name, which is usual: the shared index
tells. Of several in the global scope, their positions tell which comes first.
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
from hostprobe.model.loader.objects import FailureKind, LoadedObject, text
from hostprobe.model.loader.rules import Habit
from hostprobe.model.loader.scope import search_list
from hostprobe.model.loader.state import NoDelete, RefusedError, State

PLT, COPY = LookupClass.PLT, LookupClass.COPY
NOBODY, SEVERAL = -1, -2
LOCAL_VISIBILITY = {STV_HIDDEN, STV_INTERNAL}
FIRST_OWN_INDEX = 3
"""Version indexes below are the object's base and its first node: the oldest definition."""


SearchList = list[tuple[LoadedObject, Container[bytes]]]
"""Objects with the names they define."""


def match(
    provider: LoadedObject, reference: Reference, lookup_class: LookupClass
) -> Definition | None:
    """The definition in one object that the loader accepts for a reference."""
    elf = provider.elf
    definitions = elf.definitions.get(reference.name)
    if definitions is None:
        return None
    if lookup_class is PLT:
        for one in definitions:
            if one.undefined:
                definitions = tuple(one for one in definitions if not one.undefined)
                break
    if not elf.has_versym:
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


def has_plain_answer(provider: LoadedObject, reference: Reference) -> bool:
    """The object, which has the name, answers at once, and nothing else comes of it.

    Only what is usual and quickly seen; what is not goes through `Scope.find`.
    """
    definitions = provider.elf.definitions[reference.name]
    one = definitions[0]
    if len(definitions) > 1 or one.undefined or one.bind == STB_GNU_UNIQUE:
        return False
    if one.visibility in LOCAL_VISIBILITY or reference.lookup_class is COPY:
        return False
    if not provider.elf.has_versym:
        return reference.file is None
    if reference.version is None:
        return one.versym < FIRST_OWN_INDEX
    return provider.nodes.get(one.versym & VERSYM_VERSION) == reference.version


class Scope:
    """The search lists of one object, made ready for many look-ups."""

    def __init__(self, state: State, asker: LoadedObject) -> None:
        self.state, self.asker = state, asker
        self.has_effects = False
        """A look-up depended on more than the order of the files, or changed the process."""

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

        Where one object alone of those in scope defines the name, it alone is asked.
        """
        definers, positions = self.state.index.definers, self.state.positions
        objects = {one.file: one for names in self.lists for one, _ in names or ()}
        for reference in self.asker.elf.references:
            found = definers.get(reference.name, NOBODY)
            if isinstance(found, int):
                file = found
            else:
                there = [one for one in found if one in positions or one in objects]
                file = NOBODY if not there else there[0] if len(there) == 1 else SEVERAL
            place = positions.get(file)
            provider = objects.get(file) if place is None else self.state.global_scope[place]
            if file == SEVERAL or (provider and not has_plain_answer(provider, reference)):
                provider = self.find(reference, reference.lookup_class)
            yield provider

    def order(self) -> tuple[LoadedObject, ...]:
        """The objects that define a name that the asker needs, in the order they are asked."""
        files, scope = self.state.index.files_for(self.asker.file), self.state.global_scope
        positions = self.state.positions
        places = sorted([positions[file] for file in files if file in positions])
        found: list[LoadedObject] = []
        for objects in self.lists:
            if objects is None:
                found += [scope[place] for place in places]
            else:
                found += [one for one, _ in objects if one.file in files]
        return tuple(found)

    def find(self, reference: Reference, lookup_class: LookupClass) -> LoadedObject | None:
        """The provider, or None; a COPY reference passes over the executable."""
        name = reference.name
        for objects in self.lists:
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
                self.has_effects = True
                self.refuse_lost_versions(provider, reference)  # before its visibility is asked
            definition = match(provider, reference, lookup_class)
            if definition is not None:
                if definition.bind == STB_GNU_UNIQUE:
                    self.has_effects = True
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
