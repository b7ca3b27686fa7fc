"""Which applications of a process are served with environment variables of another one.

os.environ of a sub-interpreter is a copy of the process's environment, made when the interpreter
is created; every assignment to os.environ goes into the process's environment too (putenv), and so
into the copies of later interpreters. The main interpreter made its copy when the process started,
before any application was loaded: it leaks to others and is not hit by them.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from hostprobe.model.sharing.processes import SharedProcess
from hostprobe.model.sharing.variables import Member, Wish

MAIN = ""


@dataclass(frozen=True, slots=True)
class Leak:
    """One variable of one process that its applications want to have different values."""

    process: SharedProcess
    variable: str
    wanting: tuple[Member, ...]
    """Everyone that sets it."""

    hit: tuple[Member, ...]
    """Those that may be served with the value of another one."""

    is_within_interpreter: bool
    """Some of them share an interpreter too, where assignment is no cure."""

    @property
    def values(self) -> tuple[str, ...]:
        """What it is set to, in the order of the configuration."""
        found = (member.wishes[self.variable].value for member in self.wanting)
        return tuple(dict.fromkeys(value for value in found if value is not None))

    @property
    def is_sure(self) -> bool:
        """All of it follows from the files."""
        known = all(member.interpreter is not None for member in self.hit)
        return known and all(member.wishes[self.variable].is_sure for member in self.wanting)


def find_leaks(
    process: SharedProcess, members: tuple[Member, ...], inherited: Mapping[str, str]
) -> Iterator[Leak]:
    """In the order in which the variables appear.

    `inherited`: the environment that httpd is started with; a default for what it has is nothing.
    """
    for variable, wanting in by_variable(members, inherited).items():
        values = {wish.value for wish in wishes_of(wanting, variable)}
        if len(values) < 2:
            continue
        together = by_interpreter(wanting, variable)
        hit = tuple(one for one in wanting if is_hit(one, variable, values, together))
        if hit:
            is_within = any(len(inside) > 1 for inside in together.values())
            yield Leak(process, variable, tuple(wanting), hit, is_within)


def by_variable(members: Iterable[Member], inherited: Mapping[str, str]) -> dict[str, list[Member]]:
    """Variable -> the applications that set it."""
    found: dict[str, list[Member]] = {}
    for member in members:
        for variable, wish in member.wishes.items():
            is_idle = wish.is_default and variable in inherited
            if wish.value is not None and not is_idle:
                found.setdefault(variable, []).append(member)
    return found


def wishes_of(members: Iterable[Member], variable: str) -> Iterator[Wish]:
    """What each of them wants."""
    return (member.wishes[variable] for member in members)


def by_interpreter(members: Iterable[Member], variable: str) -> dict[str, set[str | None]]:
    """Interpreter -> the values that are set in it; not where only a request decides."""
    found: dict[str, set[str | None]] = {}
    for member in members:
        if member.interpreter is not None:
            found.setdefault(member.interpreter, set()).add(member.wishes[variable].value)
    return found


def is_hit(
    member: Member,
    variable: str,
    values: set[str | None],
    together: Mapping[str, set[str | None]],
) -> bool:
    """Another's value reaches it: through its interpreter, or because it only sets a default."""
    interpreter = member.interpreter
    if interpreter is not None and len(together[interpreter]) > 1:
        return True
    return member.wishes[variable].is_default and interpreter != MAIN and len(values) > 1
