"""Files by number, and which of them define a name: shared by a process and all its forks.

An entry says what a file defines, never that it is loaded; so the index only grows, and
a file that no process has in scope changes no answer.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from hostprobe.facts.elf import Elf

UNASKED, NOBODY = -1, -2


@dataclass(slots=True)
class Index:
    """Grows with every file that some process puts into its global scope."""

    numbers: dict[tuple[int, int], int] = field(default_factory=dict)
    """(device, inode) -> file number."""

    elves: list[Elf] = field(default_factory=list)
    nodes: list[Mapping[int, bytes]] = field(default_factory=list)
    definers: dict[bytes, int | tuple[int, ...]] = field(default_factory=dict)
    """Name -> the file, or the files, that define it."""

    indexed: set[int] = field(default_factory=set)
    soles: dict[int, list[int]] = field(default_factory=dict)
    """File number -> for each of its references the file that answers wherever it alone defines
    the name; UNASKED before it was found out, NOBODY where it depends on more."""

    def number_of(self, identity: tuple[int, int] | None, elf: Elf) -> int:
        """The number of a file; program and interpreter (None) share none with an opened file."""
        number = None if identity is None else self.numbers.get(identity)
        if number is None:
            number = len(self.elves)
            self.elves.append(elf)
            self.nodes.append(node_names(elf))
            if identity is not None:
                self.numbers[identity] = number
        return number

    def soles_of(self, number: int) -> list[int]:
        """What is known of the references of one file."""
        if number not in self.soles:
            self.soles[number] = [UNASKED] * len(self.elves[number].references)
        return self.soles[number]

    def add(self, number: int) -> None:
        """Enter the definitions of one file."""
        if number in self.indexed:
            return
        self.indexed.add(number)
        names = self.elves[number].definitions.keys()
        found: dict[bytes, int | tuple[int, ...]] = dict.fromkeys(names, number)
        for name in self.definers.keys() & names:
            others = self.definers[name]
            found[name] = (*((others,) if isinstance(others, int) else others), number)
        self.definers.update(found)


def node_names(elf: Elf) -> Mapping[int, bytes]:
    """DT_VERSYM index -> node; a definition's index stands before a need's equal one."""
    return {need.index: need.node for need in elf.version_needs} | dict(elf.version_definitions)
