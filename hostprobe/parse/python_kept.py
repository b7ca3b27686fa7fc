"""What a walk over a source file keeps."""

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import TypeVar

from hostprobe.facts.acts import (
    UNKNOWN,
    Acts,
    Binding,
    Call,
    Defined,
    EnvironmentChange,
    FilePath,
    Named,
    Place,
    StateChange,
    Store,
    Use,
    Value,
)
from hostprobe.parse.python_environ import (
    Change,
    environment_changes,
    is_environment,
    updated,
)
from hostprobe.parse.python_watched import (
    BUILTINS,
    METHODS,
    MUTATORS,
    PATH_METHODS,
    STREAMS,
    is_watched,
)

MAX_KEPT = 20_000
"""Acts of one file."""

Target = ast.Attribute | ast.Subscript
Evaluate = Callable[[ast.expr], Value]
Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
Placed = Call | EnvironmentChange | Store | Use | StateChange
Act = TypeVar("Act")
Kind = TypeVar("Kind", Call, EnvironmentChange, Store, Use, StateChange)


@dataclass(slots=True)
class Scope:
    """Names bound so far in a module, class or function."""

    values: dict[str, Value] = field(default_factory=dict)
    around: "Scope | None" = None
    """Where a name is looked up next."""

    module_names: set[str] = field(default_factory=set)
    """Declared `global`."""

    def find(self, name: str) -> Value:
        """What the name stands for here."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.values:
                return scope.values[name]
            scope = scope.around
        return Named(name) if name in BUILTINS else UNKNOWN


@dataclass(frozen=True, slots=True)
class Context:
    """Around a statement."""

    scope: Scope
    lexical: Scope
    """The scope that functions defined here look into: not that of a class."""

    function: str = ""
    qualifier: str = ""
    """Before the name of what is defined here: "Class."."""

    is_conditional: bool = False
    unset: str | None = None
    """This variable is not in os.environ here."""

    was_conditional: bool = False
    """Apart from that condition."""


class Kept:
    """Collects acts, at most MAX_KEPT of them."""

    def __init__(self, module: Scope) -> None:
        self._module = module
        self._acts: list[Placed] = []
        self._bindings: list[Binding] = []
        self._defined: list[Defined] = []
        self._bound: set[str] = set()
        self._calls: dict[str, set[str]] = {}
        """Function -> functions of this file that it calls."""

        self._is_cut = False

    def acts(self) -> Acts:
        """Everything, sorted by kind."""
        executed = self._executed()
        return Acts(
            calls=tuple(self._of(Call, executed)),
            environment=tuple(self._of(EnvironmentChange, executed)),
            stores=tuple(self._of(Store, executed)),
            uses=tuple(self._of(Use, executed)),
            bindings=tuple(self._bindings),
            changes=tuple(self._of(StateChange, executed)),
            defined=tuple(self._defined),
            is_complete=not self._is_cut,
        )

    def _of(self, kind: type[Kind], executed: set[str]) -> Iterator[Kind]:
        for one in self._acts:
            if isinstance(one, kind):
                runs = one.place.function in executed
                yield replace(one, place=replace(one.place, at_import=True)) if runs else one

    def _executed(self) -> set[str]:
        """Functions that are called while the file is imported."""
        executed: set[str] = set()
        waiting = [""]
        while waiting:
            for name in self._calls.get(waiting.pop(), set()):
                for each in (name, f"{name}.__init__"):
                    if each not in executed:
                        executed.add(each)
                        waiting.append(each)
        return executed

    def _add(self, act: Placed) -> None:
        self._append(self._acts, act)

    def _append(self, kept: list[Act], act: Act) -> None:
        if len(kept) < MAX_KEPT:
            kept.append(act)
        else:
            self._is_cut = True

    def define(self, node: Definition, name: str, value: Evaluate) -> None:
        """A function or class."""
        bases = (
            tuple(written(one, value) for one in node.bases)
            if isinstance(node, ast.ClassDef)
            else ()
        )
        decorators = tuple(written(one, value) for one in node.decorator_list)
        is_class = isinstance(node, ast.ClassDef)
        self._append(self._defined, Defined(name, is_class, node.lineno, decorators, bases))

    def bind(self, name: str, value: Value, node: ast.stmt, context: Context) -> None:
        """An assignment to a name, or its deletion."""
        is_global = name in context.scope.module_names
        if is_global and context.function:
            self._add(StateChange(name, "global", _place(node, context)))
            return
        scope = context.scope
        is_doubtful = context.is_conditional and scope.values.get(name, value) != value
        scope.values[name] = UNKNOWN if is_doubtful else value
        if scope is self._module:
            self._bound.add(name)
            binding = Binding(name, value, node.lineno, context.is_conditional)
            self._append(self._bindings, binding)

    def store(
        self, target: Target, value: Value, node: ast.stmt, context: Context, evaluate: Evaluate
    ) -> None:
        """An assignment to an attribute or item, or its deletion."""
        if isinstance(target, ast.Subscript):
            how, owner, key = "item", evaluate(target.value), evaluate(target.slice)
        else:
            how, owner, key = "attribute", evaluate(target), UNKNOWN
        if isinstance(target.value, ast.Name):
            self._change(target.value.id, how, node, context)
        if how == "item" and is_environment(owner):
            is_gone = isinstance(node, ast.Delete)
            change = ("delete", key, None) if is_gone else ("set", key, value)
            self._environment(change, node, context)
        elif isinstance(owner, Named) and is_watched(owner.name):
            self._add(Store(owner.name, key, value, _place(node, context)))

    def extend(self, node: ast.AugAssign, target: Value, value: Value, context: Context) -> None:
        """`os.environ |= ...`."""
        if is_environment(target):
            for change in updated(value):
                self._environment(change, node, context)

    def expression(self, node: ast.expr, context: Context, evaluate: Evaluate) -> None:
        """A call, a name, an attribute or an item that is read."""
        match node:
            case ast.Call():
                self._call(node, context, evaluate)
            case ast.Subscript(value=ast.Attribute() | ast.Name() as owner, ctx=ast.Load()):
                if is_environment(evaluate(owner)):
                    name, key = "os.environ.__getitem__", evaluate(node.slice)
                    self._add(Call(name, (key,), (), _place(node, context)))
            case ast.Name(ctx=ast.Load()) | ast.Attribute(ctx=ast.Load()):
                value = evaluate(node)
                if isinstance(value, Named) and value.name in STREAMS:
                    self._add(Use(value.name, _place(node, context)))

    def _call(self, call: ast.Call, context: Context, evaluate: Evaluate) -> None:
        name, receiver = called(call, evaluate)
        match call.func:
            case ast.Attribute(value=ast.Name(id=owner), attr=method) if method in MUTATORS:
                self._change(owner, method, call, context)
        if name is None:
            return
        if name.is_own:
            self._calls.setdefault(context.function, set()).add(name.name)
            return
        args = (*receiver, *arguments(call, evaluate))
        keywords = tuple((each.arg or "**", evaluate(each.value)) for each in call.keywords)
        changes = tuple(environment_changes(name.name, args, keywords))
        for change in changes:
            self._environment(change, call, context)
        if not changes:
            self._add(Call(name.name, args, keywords, _place(call, context)))

    def _environment(self, change: Change, node: ast.AST, context: Context) -> None:
        kind, variable, value = change
        name = variable if isinstance(variable, str) else None
        is_default = kind == "set" and name is not None and name == context.unset
        place = _place(node, context)
        if is_default:
            kind, place = "default", replace(place, is_conditional=context.was_conditional)
        self._add(EnvironmentChange(kind, name, value, place))

    def _change(self, name: str, how: str, node: ast.AST, context: Context) -> None:
        """Of state that the module holds, by a function."""
        scope: Scope | None = context.scope
        while context.function and scope is not None and scope is not self._module:
            if name in scope.values:
                return
            scope = scope.around
        if context.function and name in self._bound:
            self._add(StateChange(name, how, _place(node, context)))


def called(call: ast.Call, evaluate: Evaluate) -> tuple[Named | None, tuple[Value, ...]]:
    """What is called, when it is watched or of this file, and the path it is a method of."""
    function = evaluate(call.func)
    if isinstance(function, Named):
        is_kept = function.is_own or is_watched(function.name)
        return (function if is_kept else None), ()
    if not isinstance(call.func, ast.Attribute):
        return None, ()
    method = call.func.attr
    if method in PATH_METHODS:
        receiver = evaluate(call.func.value)
        if isinstance(receiver, str | FilePath):
            return Named(f"pathlib.Path.{method}"), (receiver,)
    return (Named(f"?.{method}") if method in METHODS else None), ()


def arguments(call: ast.Call, evaluate: Evaluate) -> tuple[Value, ...]:
    """Positional ones; `*args` is Unknown."""
    return tuple(UNKNOWN if isinstance(each, ast.Starred) else evaluate(each) for each in call.args)


def written(node: ast.expr, evaluate: Evaluate) -> str:
    """A decorator or base class without its arguments, by its dotted name; "" for anything else."""
    function = node.func if isinstance(node, ast.Call) else node
    value = evaluate(function)
    if isinstance(value, Named):
        return value.name
    parts: list[str] = []
    while isinstance(function, ast.Attribute):
        parts.append(function.attr)
        function = function.value
    return ".".join([function.id, *reversed(parts)]) if isinstance(function, ast.Name) else ""


def _place(node: ast.AST, context: Context) -> Place:
    line: int = getattr(node, "lineno", 0)
    return Place(line, context.function, not context.function, context.is_conditional)
