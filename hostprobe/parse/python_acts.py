"""What a source file does: one walk over its tree, nothing is executed.

Names are followed in the order of the text, the bodies of functions after everything that runs at
import: then the module's names have the values that the functions will see.
"""

import ast
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from hostprobe.facts.acts import UNKNOWN, Acts, Named, Value
from hostprobe.parse.python_condition import condition, unset_variable
from hostprobe.parse.python_kept import Context, Kept, Scope
from hostprobe.parse.python_tree import expressions
from hostprobe.parse.python_values import Evaluator


def acts_of(tree: ast.Module) -> Acts:
    """Of one parsed file."""
    reader = _Reader()
    reader.statements(tree.body, Context(reader.module, reader.module))
    reader.functions()
    return reader.kept.acts()


class _Reader:
    """Follows statements and names; what it meets goes to `kept`."""

    def __init__(self) -> None:
        self.module = Scope()
        self.kept = Kept(self.module)
        self._bodies: deque[tuple[list[ast.stmt] | ast.expr, Context]] = deque()

    def functions(self) -> None:
        """The bodies of functions, those inside them after them."""
        while self._bodies:
            body, context = self._bodies.popleft()
            if isinstance(body, list):
                self.statements(body, context)
            else:
                self._expressions([body], context)

    def statements(self, body: list[ast.stmt], context: Context) -> None:
        for node in body:
            self._statement(node, context)

    def _statement(self, node: ast.stmt, context: Context) -> None:
        match node:
            case ast.Import() | ast.ImportFrom():
                for name, value in imported(node):
                    context.scope.values[name] = value
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                self._function(node, context)
            case ast.ClassDef():
                self._class(node, context)
            case ast.Assign() | ast.AnnAssign() | ast.AugAssign() | ast.Delete():
                self._assignment(node, context)
            case ast.Global(names=names):
                context.scope.module_names |= set(names)
            case ast.If():
                self._if(node, context)
            case _:
                self._other(node, context)

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef, context: Context) -> None:
        name = context.qualifier + node.name
        arguments = node.args
        outside = [*node.decorator_list, *arguments.defaults, *filter(None, arguments.kw_defaults)]
        self._expressions(outside, context)
        self.kept.define(node, name, self._value(context))
        context.scope.values[node.name] = Named(name, is_own=True)
        self._bodies.append((node.body, inside(arguments, name, context)))

    def _class(self, node: ast.ClassDef, context: Context) -> None:
        """Its body runs at once; its names are not seen by its methods."""
        name = context.qualifier + node.name
        bases = [*node.decorator_list, *node.bases, *(each.value for each in node.keywords)]
        self._expressions(bases, context)
        self.kept.define(node, name, self._value(context))
        context.scope.values[node.name] = Named(name, is_own=True)
        scope = Scope(around=context.scope)
        self.statements(node.body, replace(context, scope=scope, qualifier=f"{name}."))

    def _assignment(
        self, node: ast.Assign | ast.AnnAssign | ast.AugAssign | ast.Delete, context: Context
    ) -> None:
        value: Value = UNKNOWN
        if not isinstance(node, ast.Delete) and node.value is not None:
            value = self._value(context)(node.value)
            if not isinstance(node.value, ast.Constant):
                self._expressions([node.value], context)
        if isinstance(node, ast.AugAssign):
            self.kept.extend(node, self._value(context)(node.target), value, context)
            value = UNKNOWN
        is_bare = isinstance(node, ast.AnnAssign) and node.value is None
        targets = [] if is_bare else targets_of(node)
        for target in targets:
            self._target(target, value, node, context)

    def _target(self, target: ast.expr, value: Value, node: ast.stmt, context: Context) -> None:
        match target:
            case ast.Name(id=name):
                self.kept.bind(name, value, node, context)
            case ast.Tuple(elts=elements) | ast.List(elts=elements):
                for element in elements:
                    self._target(element, UNKNOWN, node, context)
            case ast.Starred(value=inner):
                self._target(inner, UNKNOWN, node, context)
            case ast.Attribute(value=owner) | ast.Subscript(value=owner):
                parts = [target.slice] if isinstance(target, ast.Subscript) else []
                self._expressions([owner, *parts], context)
                self.kept.store(target, value, node, context, self._value(context))

    def _if(self, node: ast.If, context: Context) -> None:
        """Every branch; not recursive, for a chain of `elif` is nested as deeply as it is long."""
        branch: ast.If | None = node
        while branch is not None:
            otherwise = self._branch(branch, context)
            if otherwise is None:
                return
            match branch.orelse:
                case [ast.If() as chained]:
                    branch, context = chained, otherwise
                case body:
                    branch = None
                    self.statements(body, otherwise)

    def _branch(self, node: ast.If, context: Context) -> Context | None:
        """The first body; the context of what follows, None where that never runs."""
        known = condition(node.test)
        self._expressions([node.test], context)
        unset = unset_variable(node.test, self._value(context)) if known is None else None
        perhaps = replace(context, is_conditional=True)
        under = context if known else perhaps
        if unset:
            under = replace(under, unset=unset, was_conditional=context.is_conditional)
        if known is not False:
            self.statements(node.body, under)
        if known is True:
            return None
        return context if known is False else perhaps

    def _other(self, node: ast.stmt, context: Context) -> None:
        """Expressions first, as they stand; statements below a loop or handler may not run."""
        perhaps = replace(context, is_conditional=True)
        is_loop = isinstance(node, ast.For | ast.AsyncFor | ast.While)
        for child in ast.iter_child_nodes(node):
            match child:
                case ast.ExceptHandler():
                    self._bind_unknown(child.name, context)
                    self._expressions(filter(None, [child.type]), context)
                    self.statements(child.body, perhaps)
                case ast.match_case():
                    self._bind_pattern(child.pattern, context)
                    self._expressions(filter(None, [child.guard]), context)
                    self.statements(child.body, perhaps)
                case ast.stmt():
                    self._statement(child, perhaps if is_loop else context)
                case ast.withitem():
                    self._with(child, context)
                case ast.expr() if isinstance(getattr(child, "ctx", None), ast.Store):
                    self._bind_targets(child, UNKNOWN, context)
                case ast.expr():
                    self._expressions([child], context)

    def _with(self, item: ast.withitem, context: Context) -> None:
        self._expressions([item.context_expr], context)
        if item.optional_vars is not None:
            value = self._value(context)(item.context_expr)
            self._bind_targets(item.optional_vars, value, context)

    def _bind_targets(self, target: ast.expr, value: Value, context: Context) -> None:
        if isinstance(target, ast.Name):
            context.scope.values[target.id] = value
            return
        for node in ast.walk(target):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                self._bind_unknown(node.id, context)

    def _bind_pattern(self, pattern: ast.pattern, context: Context) -> None:
        for node in ast.walk(pattern):
            self._bind_unknown(getattr(node, "name", None), context)

    def _bind_unknown(self, name: str | None, context: Context) -> None:
        if name is not None:
            context.scope.values[name] = UNKNOWN

    def _expressions(self, roots: Iterable[ast.AST], context: Context) -> None:
        """Everything in them, from left to right."""
        for node in expressions(roots):
            match node:
                case ast.Lambda():
                    self._bodies.append((node.body, inside(node.args, nameless(context), context)))
                case ast.NamedExpr(target=ast.Name(id=name), value=value):
                    context.scope.values[name] = self._value(context)(value)
                case ast.Call() | ast.Attribute() | ast.Name() | ast.Subscript():
                    self.kept.expression(node, context, self._value(context))

    def _value(self, context: Context) -> Callable[[ast.expr], Value]:
        return Evaluator(context.scope.find).value


def nameless(context: Context) -> str:
    """The name of a lambda; one inside another has its name."""
    around = context.function
    return around if around.endswith("<lambda>") else f"{around}.<lambda>".removeprefix(".")


def inside(arguments: ast.arguments, name: str, context: Context) -> Context:
    """The context of a function's body: its parameters hide what has their names."""
    every = (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)
    more = filter(None, (arguments.vararg, arguments.kwarg))
    scope = Scope(dict.fromkeys((one.arg for one in (*every, *more)), UNKNOWN), context.lexical)
    return Context(scope, scope, function=name, qualifier=f"{name}.")


def targets_of(
    node: ast.Assign | ast.AnnAssign | ast.AugAssign | ast.Delete,
) -> list[ast.expr]:
    """What is assigned to, or deleted."""
    return node.targets if isinstance(node, ast.Assign | ast.Delete) else [node.target]


def imported(node: ast.Import | ast.ImportFrom) -> Iterator[tuple[str, Value]]:
    """Names that an import binds, and what they stand for."""
    if isinstance(node, ast.Import):
        for alias in node.names:
            first = alias.name.partition(".")[0]
            yield (alias.asname, Named(alias.name)) if alias.asname else (first, Named(first))
        return
    module = "." * node.level + (node.module or "")
    separator = "" if module.endswith(".") else "."
    for alias in node.names:
        yield alias.asname or alias.name, Named(f"{module}{separator}{alias.name}")
