"""How bad an interposition is, by what was seen to break on real servers.

Two different libraries with the same names break worst (libedit for libreadline), then a copy of
which some parts run and others do not, worst across major versions; a complete move between two
versions of one versioned library was never seen to break.
"""

import re
from collections.abc import Mapping
from enum import IntEnum

from hostprobe.model.interposition.families import is_of_names
from hostprobe.model.interposition.partition import Interposition
from hostprobe.model.loader.objects import LoadedObject

HASH = re.compile(rb"-[0-9a-f]{6,}(?=[.-]|$)")
STEM = re.compile(rb"^(lib[A-Za-z0-9_+]+?)(?:[-.]?[0-9.]*)?\.so")
MAJOR = re.compile(rb"\.so\.(\d+)")
COPY_SHARE = 0.25
"""Share of the winner's definitions that a copy linked into an extension defines too: the linker
takes only what is used (cffi's libffi: 16 of 36 names), a mere namesake shares a few (libmhash)."""


class Harm(IntEnum):
    """Kinds of damage, worst last."""

    replaced = 0
    """Everything moves to another release whose version nodes promise the same interface."""

    taken_over = 1
    """Everything moves to another build of the same library without such a promise."""

    split = 2
    """Parts of one library run from each copy; same major version."""

    split_major = 3
    """The same across major versions."""

    foreign = 4
    """A different library defines the names."""

    changed_type = 5
    """A function binds to data or the reverse."""

    unresolved = 6
    """The winner lacks what is needed."""


def harm_of(interposition: Interposition, versions: Mapping[str, str]) -> Harm:
    """Judge one interposition; `versions` maps real paths to the release the file itself tells."""
    if not interposition.winners:
        return Harm.unresolved
    if any(rebinding.changes_type for rebinding in interposition.rebindings):
        return Harm.changed_type
    if not is_same_library(interposition):
        return Harm.foreign
    if interposition.dormant or not is_split(interposition):
        versioned = all(rebinding.version for rebinding in interposition.rebindings)
        return Harm.replaced if versioned else Harm.taken_over
    return Harm.split_major if majors_differ(interposition, versions) else Harm.split


def is_split(interposition: Interposition) -> bool:
    """Some references of the rebound objects stay with the losers, or a loser lost its own."""
    losers = {loser.real for loser in interposition.losers}
    overtaken = any(rebinding.object in losers for rebinding in interposition.rebindings)
    return interposition.kept > 0 or overtaken


def is_same_library(interposition: Interposition) -> bool:
    """Each winner has a loser that is a copy of it, by name or by what it defines."""
    return not is_of_names(interposition.family) and all(
        any(is_copy(loser, winner) for loser in interposition.losers)
        for winner in interposition.winners
    )


def is_copy(loser: LoadedObject, winner: LoadedObject) -> bool:
    """The same library in another build.

    Libraries are compared by the stem of the soname, a copy linked into an extension by the names
    that both define.
    """
    stems = {stem_of(winner), stem_of(loser)}
    if None not in stems:
        return len(stems) == 1
    theirs, ours = winner.elf.definitions.keys(), loser.elf.definitions.keys()
    return len(theirs & ours) >= COPY_SHARE * len(theirs)


def stem_of(loaded: LoadedObject) -> bytes | None:
    """`libssl` for `libssl-81ffa89e.so.3`; None for an object without such a soname."""
    found = STEM.match(HASH.sub(b"", loaded.elf.soname or b""))
    return found[1] if found else None


def majors_differ(interposition: Interposition, versions: Mapping[str, str]) -> bool:
    """Winner and loser are of different major versions, as their texts or sonames tell."""
    winners = {major_of(winner, versions) for winner in interposition.winners}
    losers = {major_of(loser, versions) for loser in interposition.losers}
    return "" not in winners | losers and winners != losers


def major_of(loaded: LoadedObject, versions: Mapping[str, str]) -> str:
    """The text before the first dot of the release, else the number after `.so.`."""
    told = versions.get(loaded.real)
    if told:
        return told.partition(".")[0]
    found = MAJOR.search(loaded.elf.soname or b"")
    return found[1].decode() if found else ""
