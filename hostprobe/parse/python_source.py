"""An application's own Python source, by `ast`: what it imports and what it does."""

import ast
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from hostprobe.facts.acts import Acts
from hostprobe.facts.python import Import, PythonSource
from hostprobe.parse.import_scanner import scan_imports
from hostprobe.parse.python_acts import acts_of
from hostprobe.parse.python_condition import condition
from hostprobe.parse.python_paths import path_additions
from hostprobe.parse.python_tree import expressions

MAX_SOURCE = 4 << 20
"""Bytes; a larger file is generated and not read."""

MAX_TREE = 512 << 10
"""Bytes; a larger file is read by the line scanner, for which module-level imports are all there
is: a tree takes up to 650 times the bytes of its source in memory."""

CATCHES_IMPORT_ERROR = frozenset(
    {"ImportError", "ModuleNotFoundError", "Exception", "BaseException"}
)


def parse_python_source(data: bytes) -> PythonSource:
    """Imports of one file; a file that does not compile has `error` instead, never an exception.

    A file that is too large for a tree has only its module-level imports. Encoding declarations and
    byte order marks are those of PEP 263, as `ast` reads them.
    """
    if len(data) > MAX_SOURCE:
        return PythonSource((), f"larger than {MAX_SOURCE} bytes, not read")
    if len(data) > MAX_TREE:
        return PythonSource(scan_imports(data).imports, acts=Acts(is_complete=False))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(data)
            return _source(tree)
    except SyntaxError as error:
        line = f"line {error.lineno}: " if error.lineno else ""
        return PythonSource((), f"{line}{error.msg}")
    except (ValueError, LookupError) as error:
        return PythonSource((), str(error))
    except (RecursionError, MemoryError):
        return PythonSource((), "nested too deeply to be parsed")


def _source(tree: ast.Module) -> PythonSource:
    visits = tuple(_statements(tree.body, _Place()))
    imports = tuple(found for node, place in visits for found in _imports(node, place))
    return PythonSource(
        imports=imports,
        dynamic=tuple(node.lineno for node, _ in visits if _is_dynamic(node)),
        paths=path_additions(tree),
        acts=acts_of(tree),
    )


@dataclass(frozen=True, slots=True)
class _Place:
    """Under what an import stands."""

    at_import: bool = True
    tried: int = 0
    fallback: int = 0


Visit = tuple[ast.Import | ast.ImportFrom | ast.Call, _Place]


def _statements(body: list[ast.stmt], place: _Place) -> Iterator[Visit]:
    """Imports and calls in the order they would be executed, with their place."""
    for node in body:
        yield from _statement(node, place)


def _statement(node: ast.stmt, place: _Place) -> Iterator[Visit]:
    match node:
        case ast.Import() | ast.ImportFrom():
            yield node, place
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            yield from _calls(node.decorator_list, place)
            yield from _statements(node.body, replace(place, at_import=False))
        case ast.If():
            yield from _branches(node, place)
        case ast.Try() | ast.TryStar():
            yield from _try(node, place)
        case _:
            yield from _other(node, place)


def _branches(node: ast.If, place: _Place) -> Iterator[Visit]:
    value = condition(node.test)
    never = replace(place, at_import=False)
    yield from _calls([node.test], place)
    yield from _statements(node.body, never if value is False else place)
    yield from _statements(node.orelse, never if value is True else place)


def _try(node: ast.Try | ast.TryStar, place: _Place) -> Iterator[Visit]:
    catching = [handler for handler in node.handlers if _catches_import_error(handler.type)]
    yield from _statements(node.body, replace(place, tried=node.lineno) if catching else place)
    for handler in node.handlers:
        fallback = node.lineno if handler in catching else place.fallback
        yield from _statements(handler.body, replace(place, fallback=fallback))
    yield from _statements(node.orelse, place)
    yield from _statements(node.finalbody, place)


def _other(node: ast.stmt, place: _Place) -> Iterator[Visit]:
    """Class bodies, loops, with blocks and match cases run when the module is imported."""
    for field in ast.iter_child_nodes(node):
        match field:
            case ast.stmt():
                yield from _statement(field, place)
            case ast.match_case():
                yield from _statements(field.body, place)
            case ast.expr() | ast.withitem() | ast.keyword():
                yield from _calls([field], place)


def _calls(nodes: Sequence[ast.AST], place: _Place) -> Iterator[Visit]:
    for node in expressions(nodes):
        if isinstance(node, ast.Call) and _is_import_call(node):
            yield node, place
        elif isinstance(node, ast.Lambda):
            yield from _calls([node.body], replace(place, at_import=False))


def _is_import_call(call: ast.Call) -> bool:
    """`__import__(...)`, `import_module(...)`, `importlib.import_module(...)`."""
    match call.func:
        case ast.Name(id="__import__" | "import_module"):
            return True
        case ast.Attribute(value=ast.Name(id="importlib"), attr="import_module"):
            return True
    return False


def _imports(node: ast.AST, place: _Place) -> Iterator[Import]:
    match node:
        case ast.Import():
            for alias in node.names:
                yield _import(node, alias.name, (), 0, place)
        case ast.ImportFrom():
            names = tuple(alias.name for alias in node.names)
            yield _import(node, node.module or "", names, node.level, place)
        case ast.Call(args=[ast.Constant(value=str(name))]) if not name.startswith("."):
            yield _import(node, name, (), 0, place)


def _import(
    node: ast.stmt | ast.expr, module: str, names: tuple[str, ...], level: int, place: _Place
) -> Import:
    guarded = place.tried > 0
    return Import(
        module, names, level, node.lineno, place.at_import, guarded, place.tried, place.fallback
    )


def _is_dynamic(node: ast.AST) -> bool:
    """An import whose name only the running program knows."""
    return isinstance(node, ast.Call) and not (node.args and isinstance(node.args[0], ast.Constant))


def _catches_import_error(caught: ast.expr | None) -> bool:
    match caught:
        case None:
            return True
        case ast.Tuple(elts=elements):
            return any(_catches_import_error(element) for element in elements)
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name in CATCHES_IMPORT_ERROR
    return False
