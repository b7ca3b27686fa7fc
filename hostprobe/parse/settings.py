"""hostprobe.toml to `Settings`: every key is known, every value has its type, or the file is wrong.

The dataclasses of `hostprobe.facts.settings` are the grammar: a key is a field, a table a
dataclass, an array of tables a tuple of them, and a field without a default must be there.
"""

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import MISSING, Field, fields, is_dataclass, replace
from datetime import date
from types import UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from hostprobe.facts.settings import Settings
from hostprobe.parse.error import ParseError

Table = TypeVar("Table")


def parse_settings(data: bytes, before: Settings | None = None) -> Settings:
    """One file; what it does not set stays as `before` has it. Arrays of tables add up."""
    import tomllib  # noqa: PLC0415  a megabyte that most hosts, without settings, need not load

    try:
        table = tomllib.loads(data.decode("utf-8"))
    except ValueError as error:  # of TOML, of UTF-8, of a number with thousands of digits
        raise ParseError(str(error)) from error
    except RecursionError as error:
        raise ParseError("nested too deeply") from error
    return merged(before or Settings(), table, "")


def merged(base: Table, table: Mapping[str, Any], path: str) -> Table:
    """A dataclass with the values of a table put in."""
    kinds = known(type(base), table, path)
    changes = {}
    for name, value in table.items():
        here, old = f"{path}{name}", getattr(base, name)
        if is_dataclass(old) and not isinstance(old, type):
            changes[name] = merged(old, required(value, dict, "a table", here), f"{here}.")
        else:
            new = converted(value, kinds[name], here)
            changes[name] = old + new if is_array_of_tables(kinds[name]) else new
    return sensible(path, lambda: replace(base, **changes))  # type: ignore[type-var]


def sensible(path: str, make: Callable[[], Table]) -> Table:
    """What it makes; ParseError where a dataclass refuses a value of itself."""
    try:
        return make()
    except ValueError as error:
        raise ParseError(f"{path}{error}") from error


def known(kind: type, table: Mapping[str, Any], path: str) -> dict[str, Any]:
    """The type of every field; ParseError for a key that is none."""
    kinds = get_type_hints(kind)
    for name in table:
        if name not in kinds:
            near = ", ".join(kinds)
            raise ParseError(f"{path}{name} is not a setting (known here: {near})")
    return kinds


def built(kind: type, table: Any, path: str) -> Any:
    """A dataclass of a table in an array; ParseError when a required key is not there."""
    required(table, dict, "a table", path)
    kinds = known(kind, table, f"{path}.")
    for each in fields(kind):
        if each.name not in table and has_no_default(each):
            raise ParseError(f"{path}.{each.name} is missing")
    values = {
        name: converted(value, kinds[name], f"{path}.{name}") for name, value in table.items()
    }
    return sensible(f"{path}.", lambda: kind(**values))


def has_no_default(each: "Field[Any]") -> bool:
    """The key must be written."""
    return each.default is MISSING and each.default_factory is MISSING


def is_array_of_tables(kind: Any) -> bool:
    """`[[name]]`."""
    return get_origin(kind) is tuple and is_dataclass(get_args(kind)[0])


def converted(value: Any, kind: Any, path: str) -> Any:
    """A value of the wanted type; ParseError with what was wanted."""
    if isinstance(kind, UnionType):
        kind = next(each for each in get_args(kind) if each is not type(None))
    if get_origin(kind) is tuple:
        (item, *_) = get_args(kind)
        array = required(value, list, "an array", path)
        make: Callable[..., Any] = built if is_dataclass(item) else converted
        arguments = ((item, each) if make is built else (each, item) for each in array)
        return tuple(make(*two, f"{path}[{number}]") for number, two in enumerate(arguments))
    if get_origin(kind) is not None:
        table = required(value, dict, "a table", path)
        return {
            key: converted(each, get_args(kind)[1], f"{path}.{key}") for key, each in table.items()
        }
    if kind is date:
        return day(value, path)
    if kind is float and type(value) is int:
        with suppress(OverflowError):
            return float(value)
    return required(value, kind, NAMES[kind], path)


NAMES = {str: "a string", int: "a whole number", float: "a number", bool: "true or false"}


def day(value: Any, path: str) -> date:
    """A date, with quotes or without."""
    if type(value) is date:  # a datetime is one too
        return value
    if isinstance(value, str) and DAY.fullmatch(value):
        with suppress(ValueError):
            return date.fromisoformat(value)
    raise ParseError(f"{path} must be a date like 2027-12-31")


DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def required(value: Any, kind: type, name: str, path: str) -> Any:
    """The value itself; a boolean is no number."""
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise ParseError(f"{path} must be {name}")
    return value
