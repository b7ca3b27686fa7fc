"""Needed libraries that httpd answers with another file, because one of that name is loaded.

ld.so compares a NEEDED name with the names and sonames of what is loaded before it searches any
directory (`_dl_map_object` in glibc's elf/dl-load.c).
"""

from collections.abc import Iterator
from dataclasses import dataclass

from hostprobe.model.loader.objects import LoadedObject, text
from hostprobe.model.loader.process import Process


@dataclass(frozen=True, slots=True)
class Displacement:
    """One NEEDED name that stands for another file in httpd than in the standalone interpreter."""

    name: str
    """The NEEDED entry."""

    requester: LoadedObject
    taken: LoadedObject
    """What httpd has under that name already."""

    rightful: LoadedObject
    """What the standalone interpreter loads."""


def displacements(
    parent: Process, standalone: Process, root: LoadedObject
) -> tuple[Displacement, ...]:
    """Compare the needs of what only `root` brings into the standalone interpreter."""
    return tuple(walk(parent, standalone, root))


def walk(parent: Process, standalone: Process, root: LoadedObject) -> Iterator[Displacement]:
    """Breadth-first; behind a displaced library nothing is loaded any more."""
    seen, todo = {root}, [root]
    for loaded in todo:
        for name in map(text, loaded.elf.needed):
            taken, rightful = parent.answering(name), standalone.answering(name)
            if rightful is None or rightful in seen:
                continue
            seen.add(rightful)
            if taken is None:
                todo.append(rightful)
            elif taken.real != rightful.real:
                yield Displacement(name, loaded, taken, rightful)
