"""What is known of a condition when mod_wsgi imports a file."""

import ast
from collections.abc import Callable

from hostprobe.facts.acts import Named, Value


def condition(test: ast.expr) -> bool | None:
    """What is known of a condition when mod_wsgi imports the file; None: nothing.

    TYPE_CHECKING is false, `__name__ == "__main__"` is false: a WSGI script is a module.
    """
    match test:
        case ast.Constant(value=value):
            return bool(value)
        case ast.Name(id="TYPE_CHECKING") | ast.Attribute(attr="TYPE_CHECKING"):
            return False
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            value = condition(operand)
            return None if value is None else not value
        case ast.BoolOp(op=ast.And(), values=values):
            return False if any(condition(value) is False for value in values) else None
        case ast.Compare(left=ast.Name(id="__name__"), ops=[ast.Eq()]):
            return False
    return None


GETTERS = frozenset({"os.environ.get", "os.getenv"})
Evaluate = Callable[[ast.expr], Value]


def unset_variable(test: ast.expr, value: Evaluate) -> str | None:
    """The variable under `if "X" not in os.environ` and its like; None for another condition."""
    match test:
        case ast.Compare(left=key, ops=[ast.NotIn()], comparators=[mapping]):
            name = value(key)
            is_environment = value(mapping) == Named("os.environ")
            return name if is_environment and isinstance(name, str) else None
        case ast.UnaryOp(op=ast.Not(), operand=ast.Call() as call):
            return _asked(call, value)
        case ast.UnaryOp(op=ast.Not(), operand=ast.Compare(ops=[ast.In()]) as inside):
            turned = ast.Compare(inside.left, [ast.NotIn()], inside.comparators)
            return unset_variable(turned, value)
        case ast.Compare(
            left=ast.Call() as call, ops=[ast.Is()], comparators=[ast.Constant(value=None)]
        ):
            return _asked(call, value)
    return None


def _asked(call: ast.Call, value: Evaluate) -> str | None:
    """X of `os.environ.get("X")`."""
    function = value(call.func)
    if not isinstance(function, Named) or function.name not in GETTERS or len(call.args) != 1:
        return None
    name = value(call.args[0])
    return name if isinstance(name, str) else None
