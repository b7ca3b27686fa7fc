"""Threads that numeric libraries start when they are imported: the pool of OpenBLAS.

OpenBLAS's driver/others/memory.c (openblas_read_env): as many as there are processors unless a
variable says less, the thread that imports it included.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from hostprobe.facts.files import Missing
from hostprobe.facts.words import leading_number
from hostprobe.model.instance import Application, PythonTopology
from hostprobe.model.memory.capacity import Capacity
from hostprobe.model.memory.crews import Crew
from hostprobe.model.python.doing import Applications
from hostprobe.model.sharing.variables import wishes

VARIABLES = ("OPENBLAS_NUM_THREADS", "GOTO_NUM_THREADS", "OMP_NUM_THREADS")
"""The first that is set counts."""

USERS = ("._multiarray_umath", "._umath_linalg", "._fblas")
"""Extensions of numpy and scipy that need a BLAS."""

LARGEST = 64
"""Threads that the wheels of numpy and scipy are built for."""


@dataclass(frozen=True, slots=True)
class Pools:
    """What importing them adds to a process."""

    threads: int
    libraries: tuple[str, ...]
    """Sonames, each with a pool of its own."""


NONE = Pools(0, ())


def pools_of(capacity: Capacity, crew: Crew) -> Pools:
    """Of the applications of a crew that share a process: each library once."""
    found: dict[str, int] = {}
    for application in capacity.applications(crew):
        for soname in libraries(capacity, application):
            size = pool_size(capacity, application)
            found[soname] = max(size - 1, found.get(soname, 0))
    threads = sum(found.values())
    return Pools(threads, tuple(found)) if threads else NONE


def libraries(capacity: Capacity, application: Application) -> Iterator[str]:
    """Sonames of the OpenBLAS copies that its imports bring."""
    for extension in application.reachable:
        if extension.module.endswith(USERS):
            elf = capacity.files.elf(extension.path)
            needed = () if isinstance(elf, Missing) else elf.needed
            yield from (name.decode("utf-8", "replace") for name in needed if b"openblas" in name)


def pool_size(capacity: Capacity, application: Application) -> int:
    """By the script's own assignments, else by the environment of the start."""
    said = said_by(capacity, application)
    for name in VARIABLES:
        number = leading_number(said.get(name, ""))
        if number > 0:
            return min(number, LARGEST)
    return min(capacity.processors, LARGEST)


def said_by(capacity: Capacity, application: Application) -> Mapping[str, str]:
    """The environment with what the application sets in it."""
    topology = PythonTopology((capacity.instance,))
    own = wishes(Applications(capacity.files, topology), application)
    values = {name: wish.value for name, wish in own.items() if wish.value is not None}
    return {**capacity.environment, **values}
