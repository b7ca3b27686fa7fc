"""Files by number, and which of them define a name: shared by processes of the same files.

An entry says what a file defines, never that it is loaded; so the index only grows, and
a file that no process has in scope changes no answer.
"""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import NamedTuple

from hostprobe.facts.elf import Elf, Reference
from hostprobe.model.loader.objects import LoadedObject


class Bound(NamedTuple):
    """What the references of one file were bound to the first time."""

    order: tuple[LoadedObject, ...]
    """The objects that could answer, in the order in which they were asked."""

    providers: tuple[LoadedObject | None, ...]
    """For each reference the object that provides it."""

    used: tuple[LoadedObject, ...]
    """Those providers, each once, in the order in which they are met."""

    unbound: tuple[Reference, ...]
    """References that nothing provides."""


@dataclass(slots=True)
class Index:
    """Grows with every file that some process maps."""

    numbers: dict[tuple[int, int], int] = field(default_factory=dict)
    """(device, inode) -> file number."""

    elves: list[Elf] = field(default_factory=list)
    nodes: list[Mapping[int, bytes]] = field(default_factory=list)
    definers: dict[bytes, int | tuple[int, ...]] = field(default_factory=dict)
    """Name -> the file, or the files, that define it."""

    asked: dict[int, tuple[int, AbstractSet[int]]] = field(default_factory=dict)
    """File number -> the answer of `files_for` when there were so many files."""

    bound: dict[tuple[int, ...], Bound] = field(default_factory=dict)
    """A file, then the files that could answer it in the order they were asked -> what came of
    it: the same in every process."""

    def number_of(self, identity: tuple[int, int] | None, elf: Elf) -> int:
        """The number of a file; program and interpreter (None) share none with an opened file."""
        number = None if identity is None else self.numbers.get(identity)
        if number is None:
            number = len(self.elves)
            self.elves.append(elf)
            self.nodes.append(node_names(elf))
            self.add(number)
            if identity is not None:
                self.numbers[identity] = number
        return number

    def files_for(self, number: int) -> AbstractSet[int]:
        """The files that define a name which this one refers to."""
        known = self.asked.get(number)
        if known is None or known[0] != len(self.elves):
            get = self.definers.get
            found = {get(one.name) for one in self.elves[number].references}
            many = [each for each in found if isinstance(each, tuple)]
            files = {each for each in found if isinstance(each, int)}.union(*many)
            known = self.asked[number] = len(self.elves), files
        return known[1]

    def add(self, number: int) -> None:
        """Enter the definitions of one file."""
        names = self.elves[number].definitions.keys()
        found: dict[bytes, int | tuple[int, ...]] = dict.fromkeys(names, number)
        for name in self.definers.keys() & names:
            others = self.definers[name]
            found[name] = (*((others,) if isinstance(others, int) else others), number)
        self.definers.update(found)


def node_names(elf: Elf) -> Mapping[int, bytes]:
    """DT_VERSYM index -> node; a definition's index stands before a need's equal one."""
    return {need.index: need.node for need in elf.version_needs} | dict(elf.version_definitions)
