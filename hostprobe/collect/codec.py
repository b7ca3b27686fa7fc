"""Facts to JSON data and back, by their annotations: typed, strict, nothing is ever executed.

bytes become latin-1 text, tuples and named tuples lists, mappings lists of pairs, a dataclass the
list of its field values, and a member of a union of classes {"class name": value}. Symbol tables
repeat the same few rows 100,000 times: each row is written once and referred to by number.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from enum import IntEnum, IntFlag
from functools import cache
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from hostprobe.facts.elf import Definition, Reference

Code = Callable[[Any], Any]
Pair = tuple[Code, Code]
"""How to encode and how to decode values of one annotation."""

PLAIN = frozenset({int, str, bool, float, NoneType})
DEFINITIONS = tuple[Definition, ...]


class CodecError(ValueError):
    """JSON data that is not a fact of the wanted type."""


def encode(value: Any, kind: Any) -> Any:
    """A fact of type `kind` as JSON data."""
    return codec(kind)[0](value)


def decode(data: Any, kind: Any) -> Any:
    """JSON data as a fact of type `kind`; CodecError when it does not fit."""
    return codec(kind)[1](data)


def field_names(kind: Any) -> tuple[str, ...]:
    """The order in which the values of a dataclass or named tuple are written."""
    return kind._fields if is_named_tuple(kind) else tuple(field.name for field in fields(kind))


def hints(kind: Any) -> tuple[Any, ...]:
    """Annotations of a dataclass or named tuple in the same order."""
    found = get_type_hints(kind)
    return tuple(found[name] for name in field_names(kind))


@cache
def codec(kind: Any) -> Pair:
    """The first rule that applies to the annotation."""
    for applies, make in RULES:
        if applies(kind):
            return make(kind)
    raise CodecError(f"no rule for {kind}")


def is_plain(kind: Any) -> bool:
    """JSON has it."""
    return kind in PLAIN


def plain(kind: Any) -> Pair:
    """A scalar of exactly this type."""

    def read(data: Any) -> Any:
        if type(data) is not kind:
            raise CodecError(f"{type(data).__name__} instead of {kind.__name__}")
        return data

    return unchanged, read


def unchanged(value: Any) -> Any:
    """Written as it is."""
    return value


def is_enum(kind: Any) -> bool:
    """Written as its number."""
    return isinstance(kind, type) and issubclass(kind, IntEnum | IntFlag)


def enum(kind: Any) -> Pair:
    """A number that the enumeration knows."""

    def read(data: Any) -> Any:
        if type(data) is not int:
            raise CodecError(f"{type(data).__name__} instead of a number")
        try:
            return kind(data)
        except ValueError as error:
            raise CodecError(str(error)) from None

    return int, read


def is_bytes(kind: Any) -> bool:
    """Written as latin-1 text."""
    return kind is bytes


def octets(_kind: Any) -> Pair:
    """A byte string."""
    return lambda value: value.decode("latin-1"), bytes_from


def bytes_from(data: Any) -> bytes:
    """latin-1 text to bytes."""
    if not isinstance(data, str):
        raise CodecError(f"{type(data).__name__} instead of text")
    try:
        return data.encode("latin-1")
    except UnicodeEncodeError:
        raise CodecError("a character above U+00FF in bytes") from None


def is_union(kind: Any) -> bool:
    """X | Y."""
    return get_origin(kind) in {Union, UnionType}


def union(kind: Any) -> Pair:
    """`X | None` is X or null; of several classes the name is written too."""
    members = [member for member in get_args(kind) if member is not NoneType]
    if len(members) == 1:
        write, read = codec(members[0])
        return nullable(write), nullable(read)
    pairs = {member.__name__: codec(member) for member in members}

    def write_named(value: Any) -> Any:
        name = type(value).__name__
        return {name: pairs[name][0](value)}

    def read_named(data: Any) -> Any:
        if not isinstance(data, dict) or len(data) != 1 or not pairs.keys() >= data.keys():
            raise CodecError(f"not one of {', '.join(pairs)}")
        ((name, value),) = data.items()
        return pairs[name][1](value)

    if NoneType in get_args(kind):
        return nullable(write_named), nullable(read_named)
    return write_named, read_named


def nullable(code: Code) -> Code:
    """None stays null."""
    return lambda value: None if value is None else code(value)


def is_table(kind: Any) -> bool:
    """One of the two symbol tables."""
    return get_args(kind) in TABLES


def table(kind: Any) -> Pair:
    """The form of its own."""
    return TABLES[get_args(kind)]


def is_sequence(kind: Any) -> bool:
    """tuple[X, ...]."""
    return get_origin(kind) is tuple and get_args(kind)[1:] == (Ellipsis,)


def sequence(kind: Any) -> Pair:
    """Any number of values of one type."""
    write, read = codec(get_args(kind)[0])
    return (
        lambda values: [write(value) for value in values],
        lambda data: tuple([read(value) for value in items(data)]),
    )


def is_set(kind: Any) -> bool:
    """frozenset[X]."""
    return get_origin(kind) is frozenset


def members(kind: Any) -> Pair:
    """In their order, so that equal sets are written alike."""
    write, read = codec(get_args(kind)[0])
    return (
        lambda values: [write(value) for value in sorted(values)],
        lambda data: frozenset(read(value) for value in items(data)),
    )


def is_fixed(kind: Any) -> bool:
    """tuple[X, Y]."""
    return get_origin(kind) is tuple


def fixed(kind: Any) -> Pair:
    """Values of different types in a fixed order."""
    return row(get_args(kind), tuple)


def is_named_tuple(kind: Any) -> bool:
    """A class made by NamedTuple."""
    return isinstance(kind, type) and issubclass(kind, tuple) and hasattr(kind, "_fields")


def named_tuple(kind: Any) -> Pair:
    """Its values in order."""
    return row(hints(kind), kind._make)


def row(kinds: Iterable[Any], make: Code) -> Pair:
    """Values of the given types; `make` builds the whole from them."""
    pairs = [codec(kind) for kind in kinds]
    writers, readers = [pair[0] for pair in pairs], [pair[1] for pair in pairs]

    def read(data: Any) -> Any:
        values = items(data)
        if len(values) != len(readers):
            raise CodecError(f"{len(values)} values instead of {len(readers)}")
        return make([code(value) for code, value in zip(readers, values, strict=True)])

    return lambda values: [code(v) for code, v in zip(writers, values, strict=True)], read


def is_mapping(kind: Any) -> bool:
    """Mapping[K, V] or dict[K, V]."""
    origin = get_origin(kind)
    return isinstance(origin, type) and issubclass(origin, Mapping)


def mapping(kind: Any) -> Pair:
    """Pairs, so that a key may be of any type."""
    write, read = row(get_args(kind), tuple)
    return (
        lambda values: [write(pair) for pair in values.items()],
        lambda data: dict(read(pair) for pair in items(data)),
    )


def record(kind: Any) -> Pair:
    """A dataclass; its rule is made at first use, for a class may contain itself."""
    names = field_names(kind)

    @cache
    def inner() -> Pair:
        return row(hints(kind), lambda values: kind(*values))

    def write(value: Any) -> Any:
        return inner()[0]([getattr(value, name) for name in names])

    def read(data: Any) -> Any:
        return inner()[1](data)

    return write, read


def items(data: Any) -> list[Any]:
    """A JSON array."""
    if not isinstance(data, list):
        raise CodecError(f"{type(data).__name__} instead of a list")
    return data


def encode_table(pairs: Iterable[tuple[bytes, Any]], kind: Any) -> list[Any]:
    """(name, row) pairs as three columns: names, distinct rows, the row number of each name."""
    rows: dict[Any, int] = {}
    names, numbers = [], []
    for name, value in pairs:
        names.append(name.decode("latin-1"))
        numbers.append(rows.setdefault(value, len(rows)))
    return [names, [encode(value, kind) for value in rows], numbers]


def decode_table(data: Any, kind: Any) -> Iterator[tuple[bytes, Any]]:
    """(name, row) pairs from the three columns."""
    columns = items(data)
    if len(columns) != 3 or len(items(columns[0])) != len(items(columns[2])):
        raise CodecError("a table has three columns, the first and the last of equal length")
    names, rows, numbers = columns
    rows = [decode(value, kind) for value in items(rows)]
    for name, number in zip(names, numbers, strict=True):
        if type(number) is not int or not 0 <= number < len(rows):
            raise CodecError("a row number that does not exist")
        yield bytes_from(name), rows[number]


def encode_definitions(value: Mapping[bytes, tuple[Definition, ...]]) -> Any:
    """Elf.definitions."""
    return encode_table(value.items(), DEFINITIONS)


def decode_definitions(data: Any) -> dict[bytes, tuple[Definition, ...]]:
    """Elf.definitions."""
    return dict(decode_table(data, DEFINITIONS))


def encode_references(value: tuple[Reference, ...]) -> Any:
    """Elf.references."""
    return encode_table(((each.name, each._replace(name=b"")) for each in value), Reference)


def decode_references(data: Any) -> tuple[Reference, ...]:
    """Elf.references."""
    return tuple([value._replace(name=name) for name, value in decode_table(data, Reference)])


TABLES: dict[tuple[Any, ...], Pair] = {
    (bytes, DEFINITIONS): (encode_definitions, decode_definitions),
    (Reference, Ellipsis): (encode_references, decode_references),
}
"""Type arguments of the two tables that are worth a form of their own."""

RULES: tuple[tuple[Callable[[Any], bool], Callable[[Any], Pair]], ...] = (
    (is_plain, plain),
    (is_enum, enum),
    (is_bytes, octets),
    (is_union, union),
    (is_table, table),
    (is_sequence, sequence),
    (is_set, members),
    (is_fixed, fixed),
    (is_named_tuple, named_tuple),
    (is_mapping, mapping),
    (is_dataclass, record),
)
