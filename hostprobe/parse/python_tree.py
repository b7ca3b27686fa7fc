"""A walk over expressions: five times faster than `ast.walk`, which also visits every operator."""

import ast
from collections.abc import Iterable, Iterator

LEAVES = frozenset({"arg", "attr", "conversion", "ctx", "id", "is_async", "kind", "op", "ops"})
NO_FIELDS = (ast.Constant, ast.Name)


FIELDS = {
    kind: tuple(name for name in reversed(kind._fields) if name not in LEAVES)
    for kind in vars(ast).values()
    if isinstance(kind, type) and issubclass(kind, ast.AST) and not issubclass(kind, NO_FIELDS)
}
"""Class of nodes -> its fields that may hold expressions, the last first."""


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
        for name in FIELDS.get(kind, ()):
            value = getattr(node, name)
            if isinstance(value, ast.AST):
                waiting.append(value)
            elif isinstance(value, list):
                waiting.extend(each for each in reversed(value) if each is not None)
