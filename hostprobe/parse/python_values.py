"""What an expression stands for, as far as constants, imports and `__file__` tell."""

import ast
import posixpath
from collections.abc import Callable
from math import isfinite

from hostprobe.facts.acts import UNKNOWN, Entries, FilePath, Items, Named, Unknown, Value

FILE = FilePath("./__file__")
SAME = frozenset(
    {"abspath", "realpath", "normpath", "expanduser", "str", "fspath", "Path", "PurePath"}
)
"""Functions that give back the path they are given."""

MAX_DEPTH = 50
MAX_TEXT = 2_000
MAX_ITEMS = 500
MAX_INTEGER = 1 << 63
Lookup = Callable[[str], Value]
"""A name's value where the expression stands."""


class Evaluator:
    """Evaluates without executing; what it does not know is Unknown."""

    def __init__(self, lookup: Lookup) -> None:
        self._lookup = lookup
        self._depth = 0
        self._items = 0

    def value(self, node: ast.expr) -> Value:
        """Of one expression; nested too deeply, it is Unknown."""
        match node:
            case ast.Constant(value=value):
                return _constant(value)
            case ast.Name(id="__file__"):
                return FILE
            case ast.Name(id=name):
                return self._lookup(name)
        if self._depth >= MAX_DEPTH:
            return UNKNOWN
        self._depth += 1
        try:
            return self._composed(node)
        finally:
            self._depth -= 1

    def _composed(self, node: ast.expr) -> Value:
        match node:
            case ast.Attribute():
                return self._attribute(node)
            case ast.Call():
                return self._call(node)
            case ast.BinOp(left=left, op=ast.Add() | ast.Div() as op, right=right):
                return _combined(op, self.value(left), self.value(right))
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                value = self.value(operand)
                return -value if isinstance(value, int | float) else UNKNOWN
            case ast.Subscript(value=ast.Attribute(value=path, attr="parents"), slice=index):
                return _ancestor(self.value(path), self.value(index))
        return self._collection(node)

    def _collection(self, node: ast.expr) -> Value:
        match node:
            case ast.List(elts=elements) | ast.Tuple(elts=elements) | ast.Set(elts=elements):
                return Items(type(node).__name__.lower(), self._each(elements))
            case ast.ListComp() | ast.SetComp():
                return Items(type(node).__name__.lower().removesuffix("comp"), (UNKNOWN,))
            case ast.Dict(keys=keys, values=values):
                return self._entries(keys, values)
            case ast.DictComp():
                return Entries(((UNKNOWN, UNKNOWN),))
        return UNKNOWN

    def _attribute(self, node: ast.Attribute) -> Value:
        value = self.value(node.value)
        if isinstance(value, Named):
            return Named(f"{value.name}.{node.attr}", value.is_own)
        return _parent(value) if node.attr == "parent" else UNKNOWN

    def _call(self, call: ast.Call) -> Value:
        path = self._path(call)
        if not isinstance(path, Unknown):
            return path
        function = self.value(call.func)
        if isinstance(function, Named):
            return Named(f"{function.name}()", function.is_own)
        return UNKNOWN

    def _path(self, call: ast.Call) -> Value:
        match call:
            case ast.Call(func=ast.Attribute(value=path, attr="resolve" | "absolute"), args=[]):
                return _if_path(self.value(path))
            case ast.Call(func=ast.Attribute(value=path, attr="joinpath"), args=parts):
                return _joined([self.value(path), *map(self.value, parts)])
        name = function_name(call)
        if name in SAME and len(call.args) == 1:
            return _if_path(self.value(call.args[0]))
        if name == "dirname" and len(call.args) == 1:
            return _parent(self.value(call.args[0]))
        if name in {"join", "Path", "PurePath"} and len(call.args) > 1:
            return _joined([self.value(argument) for argument in call.args])
        return UNKNOWN

    def _each(self, elements: list[ast.expr]) -> tuple[Value, ...]:
        self._items += len(elements)
        if self._items > MAX_ITEMS:
            return (UNKNOWN,)
        return tuple(self.value(element) for element in elements)

    def _entries(self, keys: list[ast.expr | None], values: list[ast.expr]) -> Entries:
        self._items += len(keys)
        if self._items > MAX_ITEMS:
            return Entries(((UNKNOWN, UNKNOWN),))
        pairs = zip(keys, values, strict=True)
        return Entries(
            tuple(
                (UNKNOWN, UNKNOWN) if key is None else (self.value(key), self.value(value))
                for key, value in pairs
            )
        )


def function_name(call: ast.Call) -> str:
    """The last part of what is called: `join` of `os.path.join`."""
    if isinstance(call.func, ast.Attribute):
        return call.func.attr
    return call.func.id if isinstance(call.func, ast.Name) else ""


def _constant(value: object) -> Value:
    if isinstance(value, str):
        return value if len(value) <= MAX_TEXT else UNKNOWN
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return value if value < MAX_INTEGER else UNKNOWN
    return value if isinstance(value, float) and isfinite(value) else UNKNOWN


def _if_path(value: Value) -> Value:
    return value if isinstance(value, str | FilePath) else UNKNOWN


def _combined(op: ast.operator, left: Value, right: Value) -> Value:
    """`+` of texts, `/` of paths."""
    if isinstance(op, ast.Div):
        return _joined([left, right])
    if not isinstance(right, str) or not isinstance(left, str | FilePath):
        return UNKNOWN
    text = (left.path if isinstance(left, FilePath) else left) + right
    if len(text) > MAX_TEXT or left == FILE:
        return UNKNOWN
    return text if isinstance(left, str) else _relative(text)


def _joined(parts: list[Value]) -> Value:
    """os.path.join; a path made from `__file__` only as the first part."""
    first, *others = parts
    texts = [part for part in others if isinstance(part, str)]
    if len(texts) < len(others) or not isinstance(first, str | FilePath) or first == FILE:
        return UNKNOWN
    path = posixpath.join(first if isinstance(first, str) else first.path, *texts)
    if len(path) > MAX_TEXT:
        return UNKNOWN
    return path if isinstance(first, str) or path.startswith("/") else _relative(path)


def _parent(path: Value) -> Value:
    if path == FILE:
        return FilePath(".")
    if isinstance(path, FilePath):
        return _relative(posixpath.join(path.path, ".."))
    return posixpath.dirname(path) if isinstance(path, str) and path.startswith("/") else UNKNOWN


def _ancestor(path: Value, index: Value) -> Value:
    if not isinstance(index, int) or not 0 <= index < MAX_DEPTH:
        return UNKNOWN
    for _ in range(index + 1):
        path = _parent(path)
    return path


def _relative(path: str) -> FilePath:
    path = posixpath.normpath(path)
    return FilePath(path if path == "." or path.startswith("..") else f"./{path}")
