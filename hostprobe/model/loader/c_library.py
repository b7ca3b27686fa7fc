"""Which release of glibc the inspected root has: its dynamic linker sets the rules."""

from collections.abc import Iterator
from dataclasses import replace

from hostprobe.facts.elf import Banners, Elf
from hostprobe.facts.files import Files, Missing
from hostprobe.model.loader.directories import real_interpreter
from hostprobe.model.loader.rules import GLIBC, Rules, default_directories

C_LIBRARY = "libc.so.6"
FIRST_OF_DEVELOPMENT = 9000
"""Third number of a release under development: 2.41.9000 becomes 2.42 and behaves like it."""


def inspected_rules(files: Files, program: Elf) -> tuple[Rules, str | None]:
    """The rules of the root's own ld.so, or the usual ones with the reason why.

    ld.so names its release only from 2.33 on; libc.so.6 always does, and only fits an ld.so of the
    same release. `Files` remembers what was read, so asking again costs nothing.
    """
    interpreter = real_interpreter(files, program)
    if not interpreter:
        return GLIBC, None
    reason = f"{interpreter}: has no {C_LIBRARY} beside it"
    for path in c_libraries(program, interpreter):
        banners = files.read(path, Banners)
        if isinstance(banners, Missing):
            reason = reason if banners.not_found else banners.reason
        elif release := dict(banners.texts).get("glibc"):
            return replace(GLIBC, version=numbers(release)), None
        else:
            reason = f"{path}: does not tell its release"
    usual = ".".join(map(str, GLIBC.version))
    return GLIBC, f"{reason}; what glibc {usual} does is taken for granted"


def c_libraries(program: Elf, interpreter: str) -> Iterator[str]:
    """Where the C library of a loader lies: beside it, else in the directories it searches."""
    yield f"{interpreter.rpartition('/')[0]}/{C_LIBRARY}"
    for directory in default_directories(GLIBC.machine(program), interpreter):
        yield directory + C_LIBRARY


def numbers(release: str) -> tuple[int, int]:
    """`2.36` -> (2, 36)."""
    major, minor, *rest = map(int, release.split("."))
    return major, minor + (rest >= [FIRST_OF_DEVELOPMENT])
