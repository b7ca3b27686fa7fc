"""A plan of dlopen and dlclose calls: schemas/plan.schema.json."""

import json
from collections.abc import Iterator
from typing import Any

from hostprobe.facts.plan import Close, Open, OpenFlags, Plan
from hostprobe.parse.error import ParseError

MAX_OPERATIONS = 100_000
FLAGS = tuple(flag.name for flag in OpenFlags if flag.name)


def parse_plan(data: bytes) -> Plan:
    """The plan in a JSON file; ParseError names the key that is wrong."""
    try:
        plan = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise ParseError(f"not JSON: {error}") from error
    require_keys(plan, "the plan", {"schema", "main", "operations"}, {"environment"})
    if type(plan["schema"]) is not int or plan["schema"] != 1:
        raise ParseError(f"schema: {plan['schema']!r} instead of 1")
    operations = of_type(plan["operations"], list, "operations")
    if len(operations) > MAX_OPERATIONS:
        raise ParseError(f"operations: more than {MAX_OPERATIONS}")
    return Plan(
        main=name(plan["main"], "main"),
        operations=tuple(
            parse_operation(value, f"operations[{number}]")
            for number, value in enumerate(operations)
        ),
        environment=dict(parse_environment(plan.get("environment", {}))),
    )


def parse_environment(value: Any) -> Iterator[tuple[str, str]]:
    """Names and values."""
    for key, text in of_type(value, dict, "environment").items():
        yield key, of_type(text, str, f"environment.{key}")


def parse_operation(value: Any, key: str) -> Open | Close:
    """One call."""
    if isinstance(value, dict) and "close" in value:
        require_keys(value, key, {"close"}, set())
        return Close(name(value["close"], f"{key}.close"))
    require_keys(value, key, {"open", "flags"}, {"caller"})
    caller = value.get("caller")
    return Open(
        path=name(value["open"], f"{key}.open"),
        flags=parse_flags(value["flags"], f"{key}.flags"),
        caller=None if caller is None else name(caller, f"{key}.caller"),
    )


def parse_flags(value: Any, key: str) -> OpenFlags:
    """Flag names without RTLD_; LAZY or NOW must be among them (dlopen(3))."""
    flags = OpenFlags(0)
    for flag in of_type(value, list, key):
        if flag not in FLAGS:
            raise ParseError(f"{key}: {flag!r} is none of {', '.join(FLAGS)}")
        flags |= OpenFlags[flag]
    if not flags & (OpenFlags.LAZY | OpenFlags.NOW):
        raise ParseError(f"{key}: LAZY or NOW is missing")
    return flags


def require_keys(value: Any, key: str, needed: set[str], allowed: set[str]) -> None:
    """An object with all of the needed and none but the allowed keys."""
    found = set(of_type(value, dict, key))
    if found - needed - allowed:
        raise ParseError(f"{key}: unknown key {min(found - needed - allowed)!r}")
    if needed - found:
        raise ParseError(f"{key}: the key {min(needed - found)!r} is missing")


def name(value: Any, key: str) -> str:
    """A path or library name."""
    text = of_type(value, str, key)
    if not text or "\0" in text:
        raise ParseError(f"{key}: {text!r} is not a file name")
    return str(text)


def of_type(value: Any, kind: type, key: str) -> Any:
    """The value, or an error with the JSON names of the types."""
    if not isinstance(value, kind):
        raise ParseError(f"{key}: {type(value).__name__} instead of {kind.__name__}")
    return value
