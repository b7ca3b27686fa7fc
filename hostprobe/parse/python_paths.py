"""Directories that a script adds to sys.path, as far as constants and `__file__` tell."""

import ast
import posixpath
from collections.abc import Iterator, Mapping

from hostprobe.facts.python import PathAddition

FILE = "./__file__"
"""What `__file__` stands for: a file in the directory "."."""

SAME = frozenset(
    {"abspath", "realpath", "normpath", "expanduser", "str", "fspath", "Path", "PurePath"}
)
MAX_DEPTH = 50
Names = dict[str, str]


def path_additions(tree: ast.Module) -> tuple[PathAddition, ...]:
    """In execution order as far as it is linear; unknown directories have `path` None."""
    names: Names = {}
    return tuple(found for node in _linear(tree) for found in _addition(node, names))


def _linear(tree: ast.AST) -> Iterator[ast.stmt]:
    """Statements outside functions and classes, in source order."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        if isinstance(node, ast.stmt):
            yield node
        if hasattr(node, "body") and isinstance(node, ast.stmt | ast.ExceptHandler):
            yield from _linear(node)


def _addition(node: ast.stmt, names: Names) -> Iterator[PathAddition]:
    match node:
        case ast.Assign(targets=[ast.Name(id=name)], value=value):
            _bind(names, name, value)
        case ast.Assign(targets=[target], value=value) if _is_sys_path(target):
            yield from _replaced(node, value, names)
        case ast.AugAssign(target=target, op=ast.Add(), value=value) if _is_sys_path(target):
            yield from _each(node, value, names, front=False)
        case ast.Expr(value=ast.Call() as call):
            yield from _call(call, names)


def _bind(names: Names, name: str, value: ast.expr) -> None:
    path = evaluate(value, names)
    if path is None:
        names.pop(name, None)
    else:
        names[name] = path


def _is_sys_path(node: ast.expr) -> bool:
    """`sys.path` or a slice of it."""
    match node:
        case ast.Attribute(value=ast.Name(id="sys"), attr="path"):
            return True
        case ast.Subscript(value=value, slice=ast.Slice()):
            return _is_sys_path(value)
    return False


def _replaced(node: ast.stmt, value: ast.expr, names: Names) -> Iterator[PathAddition]:
    """`sys.path = [x] + sys.path`, `sys.path = sys.path + [x]`, `sys.path[0:0] = [x]`."""
    match value:
        case ast.BinOp(left=left, op=ast.Add(), right=right) if _is_sys_path(right):
            yield from _each(node, left, names, front=True)
        case ast.BinOp(left=left, op=ast.Add(), right=right) if _is_sys_path(left):
            yield from _each(node, right, names, front=False)
        case _:
            yield from _each(node, value, names, front=True)


def _each(node: ast.AST, value: ast.expr, names: Names, *, front: bool) -> Iterator[PathAddition]:
    elements = value.elts if isinstance(value, ast.List | ast.Tuple) else [None]
    for element in elements:
        yield _added(node, element, names, front=front)


def _added(
    node: ast.AST, value: ast.expr | None, names: Names, *, front: bool, is_site: bool = False
) -> PathAddition:
    path = None if value is None else evaluate(value, names)
    known = path is not None and path != FILE and path.startswith(("/", "."))
    return PathAddition(path if known else None, front, is_site, getattr(node, "lineno", 0))


def _call(call: ast.Call, names: Names) -> Iterator[PathAddition]:
    match call:
        case ast.Call(func=ast.Attribute(value=target, attr="insert"), args=[_, value]):
            if _is_sys_path(target):
                yield _added(call, value, names, front=True)
        case ast.Call(func=ast.Attribute(value=target, attr="append"), args=[value]):
            if _is_sys_path(target):
                yield _added(call, value, names, front=False)
        case ast.Call(func=ast.Attribute(value=target, attr="extend"), args=[value]):
            if _is_sys_path(target):
                yield from _each(call, value, names, front=False)
        case ast.Call(
            func=ast.Attribute(attr="addsitedir") | ast.Name(id="addsitedir"), args=[value, *_]
        ):
            yield _added(call, value, names, front=False, is_site=True)


def evaluate(node: ast.expr, names: Mapping[str, str], depth: int = 0) -> str | None:
    """A path: absolute, "." and below for the directory of the file, or a relative piece."""
    path: str | None = None
    match node:
        case ast.Constant(value=str(text)):
            path = text
        case ast.Name(id="__file__"):
            path = FILE
        case ast.Name(id=name):
            path = names.get(name)
        case ast.expr() if depth < MAX_DEPTH:
            path = _composed(node, names, depth + 1)
    return path


def _composed(node: ast.expr, names: Mapping[str, str], depth: int) -> str | None:
    path: str | None = None
    match node:
        case ast.Call():
            path = _function(node, names, depth)
        case ast.Attribute(value=value, attr="parent"):
            path = _parent(evaluate(value, names, depth))
        case ast.Subscript(value=ast.Attribute(value=value, attr="parents"), slice=index):
            path = _ancestor(evaluate(value, names, depth), index)
        case ast.BinOp(left=left, op=ast.Div() | ast.Add() as op, right=right):
            pieces = [evaluate(piece, names, depth) for piece in (left, right)]
            path = _joined(pieces, "/" if isinstance(op, ast.Div) else "")
    return path


def _function(call: ast.Call, names: Mapping[str, str], depth: int) -> str | None:
    match call:
        case ast.Call(func=ast.Attribute(value=value, attr="resolve" | "absolute"), args=[]):
            return evaluate(value, names, depth)
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    pieces = [evaluate(argument, names, depth) for argument in call.args]
    if name in SAME and len(pieces) == 1:
        return pieces[0]
    if name == "dirname" and len(pieces) == 1:
        return _parent(pieces[0])
    if name in {"join", "joinpath", "Path"} and pieces:
        return _joined(pieces, "/")
    return None


def _parent(path: str | None) -> str | None:
    if path is None or path.startswith("/"):
        return path and posixpath.dirname(path)
    if path == FILE:
        return "."
    return _normal(posixpath.join(path, "..")) if path.startswith(".") else None


def _ancestor(path: str | None, index: ast.expr) -> str | None:
    if not isinstance(index, ast.Constant) or not isinstance(index.value, int):
        return None
    if not 0 <= index.value < MAX_DEPTH:
        return None
    for _ in range(index.value + 1):
        path = _parent(path)
    return path


def _joined(pieces: list[str | None], separator: str) -> str | None:
    known = [piece for piece in pieces if piece is not None]
    if len(known) < len(pieces) or FILE in known[1:]:
        return None
    path = posixpath.join(*known) if separator else "".join(known)
    return _normal(path) if known[0].startswith(("/", ".")) else path


def _normal(path: str) -> str:
    """Relative paths keep a leading dot: it tells them from pieces."""
    path = posixpath.normpath(path)
    return path if path.startswith(("/", "../")) or path in {".", ".."} else f"./{path}"
