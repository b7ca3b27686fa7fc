"""Calls and assignments that change the environment, each brought to one form."""

from collections.abc import Iterable, Iterator

from hostprobe.facts.acts import UNKNOWN, Entries, Items, Named, Value

Change = tuple[str, Value, Value]
"""Kind of EnvironmentChange, variable, value."""

ENVIRONMENTS = frozenset({"os.environ", "os.environb"})


def is_environment(value: Value) -> bool:
    """os.environ itself, whatever it is called here."""
    return isinstance(value, Named) and value.name in ENVIRONMENTS


def environment_changes(
    name: str, args: tuple[Value, ...], keywords: Iterable[tuple[str, Value]]
) -> Iterator[Change]:
    """What a call does to the environment; nothing for another call."""
    owner, _, method = name.rpartition(".")
    if owner in ENVIRONMENTS:
        yield from _method(method, args, keywords)
    elif name in {"os.putenv", "posix.putenv"} and len(args) == 2:
        yield "set", args[0], args[1]
    elif name in {"os.unsetenv", "posix.unsetenv"} and args:
        yield "delete", args[0], None


def _method(
    method: str, args: tuple[Value, ...], keywords: Iterable[tuple[str, Value]]
) -> Iterator[Change]:
    match method, args:
        case "setdefault", (variable, value):
            yield "default", variable, value
        case "__setitem__", (variable, value):
            yield "set", variable, value
        case "pop" | "__delitem__", (variable, *_):
            yield "delete", variable, None
        case "clear" | "popitem", ():
            yield "delete", UNKNOWN, None
        case "update", _:
            for others in args:
                yield from updated(others)
            for variable, value in keywords:
                yield "set", UNKNOWN if variable == "**" else variable, value


def updated(others: Value) -> Iterator[Change]:
    """Every variable of a mapping, or of a list of pairs, with which it is updated."""
    match others:
        case Entries(entries=entries):
            yield from (("set", variable, value) for variable, value in entries)
        case Items(items=pairs):
            for pair in pairs:
                match pair:
                    case Items(items=(variable, value)):
                        yield "set", variable, value
                    case _:
                        yield "set", UNKNOWN, UNKNOWN
        case _:
            yield "set", UNKNOWN, UNKNOWN
