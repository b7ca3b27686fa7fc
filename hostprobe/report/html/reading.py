"""A stored report may hold anything where its formats look deeper than its parser does."""

from collections.abc import Iterator, Mapping
from typing import Any

Row = Mapping[str, Any]


def rows(table: Row, key: str) -> list[Row]:
    """The mappings of a list; nothing where there is no list."""
    return [each for each in entries(table, key) if isinstance(each, dict)]


def texts(table: Row, key: str) -> list[str]:
    """The texts of a list."""
    return [each for each in entries(table, key) if isinstance(each, str)]


def entries(table: Row, key: str) -> list[Any]:
    """A list, empty where there is none."""
    value = table.get(key)
    return value if isinstance(value, list) else []


def row(table: Row, key: str) -> Row:
    """A mapping, empty where there is none."""
    value = table.get(key)
    return value if isinstance(value, dict) else {}


def word(table: Row, key: str) -> str:
    """A text or number as text; "" for nothing."""
    value = table.get(key)
    return str(value) if isinstance(value, str | int | float) and value is not True else ""


def place(where: Row) -> str:
    """`file:line` of a directive; "" for none."""
    return f"{word(where, 'file')}:{word(where, 'first')}" if word(where, "file") else ""


def applications(document: Row) -> Iterator[Row]:
    """Those of all instances."""
    for instance in rows(document, "instances"):
        yield from rows(instance, "applications")


def modules(document: Row) -> dict[str, str]:
    """Path of each extension module -> the name that it is imported by."""
    found = {}
    for instance in rows(document, "instances"):
        for holder in (*rows(instance, "environments"), *rows(instance, "applications")):
            for extension in (*rows(holder, "extensions"), *rows(holder, "reachable")):
                found[word(extension, "path")] = word(extension, "module")
    return found
