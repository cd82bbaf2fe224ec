"""Functions of the project: what their parameters are given, and what their calls give."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from bedrock_policy_lint.code.python import arguments, callers, names, options
from bedrock_policy_lint.code.python.scopes import as_name, dotted
from bedrock_policy_lint.code.python.things import (
    At,
    Class,
    Defined,
    Foreign,
    Given,
    Instance,
    Lazy,
    Result,
    Unknown,
    distinct,
    is_none,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bedrock_policy_lint.code.python.evaluate import Evaluator
    from bedrock_policy_lint.code.python.scopes import Binding, Function, Scope
    from bedrock_policy_lint.code.python.things import Frame, Thing

_MOST_NESTED = 3
"""So often may a function stand in a call of itself."""


def decorators(node: Function) -> set[str]:
    """The last names of what decorates a function."""
    if isinstance(node, ast.Lambda):
        return set()
    found = set()
    for decorator in node.decorator_list:
        expression = decorator.func if isinstance(decorator, ast.Call) else decorator
        found.add(dotted(expression).rsplit(".", 1)[-1])
    return found


def call(evaluator: Evaluator, function: Defined, given: Given) -> Iterable[Thing]:
    """What a call of a function of the project gives."""
    if evaluator.running.count(function.node) >= _MOST_NESTED:
        return ()
    scope = function.scope
    frame = evaluator.frame(scope, given, function.owner, function.parent)
    results = scope.returns
    if scope.yields:
        results = scope.yields if decorators(function.node) & {"contextmanager", "asynccontextmanager"} else []
    evaluator.running.append(function.node)
    try:
        return distinct(thing for value, where in results for thing in evaluator.things(value, At(scope, where, frame)))
    finally:
        evaluator.running.pop()


def entered(evaluator: Evaluator, things: Iterable[Thing]) -> list[Thing]:
    """What `with thing as name` binds: mostly the thing itself."""
    found: list[Thing] = []
    for thing in things:
        method = _enter(thing) if isinstance(thing, Instance) else None
        if method is None or not isinstance(thing, Instance):
            found.append(thing)
            continue
        frame = evaluator.frame(method, None, thing)
        found += [
            inner for value, where in method.returns for inner in evaluator.things(value, At(method, where, frame))
        ]
    return found


def _enter(instance: Instance) -> Scope | None:
    for name in ("__enter__", "__aenter__"):
        for binding in instance.of.scope.bindings.get(name, ()):
            return instance.of.scope.module.inner.get(binding.where.statement) if binding.where else None
    return None


def parameter(evaluator: Evaluator, binding: Binding, frame: Frame | None) -> Iterable[Thing]:
    """What a parameter may be given."""
    scope, node = binding.scope, binding.node
    function = scope.node
    if not isinstance(node, ast.arg) or not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
        return ()
    signature = function.args
    call_of = frame.of(scope) if frame is not None else None
    positional = [*signature.posonlyargs, *signature.args]
    place = positional.index(node) if node in positional else None
    own = own_first(scope, function)
    if own and place == 0:
        instance = names.instance_of(scope, call_of)
        return () if instance is None else (instance.of if own == "class" else instance,)
    if own and place is not None:
        place -= 1
    if node is signature.vararg:
        return (evaluator.unknown(as_name(node), At(scope, None)),)
    if node is signature.kwarg:
        return _extra(evaluator, scope, function, call_of)
    if call_of is not None and call_of.given is not None:
        return _given(evaluator, binding, place, call_of.given)
    return _whoever_calls(evaluator, binding, place)


def own_first(scope: Scope, function: Function) -> str:
    """What the first parameter is when Python gives it: `instance` or `class`; empty for a plain function."""
    if names.class_of(scope) is None or isinstance(function, ast.Lambda):
        return ""
    found = decorators(function)
    if "staticmethod" in found:
        return ""
    is_of_class = "classmethod" in found or function.name in ("__new__", "__init_subclass__") or "validator" in found
    return "class" if is_of_class else "instance"


def _extra(evaluator: Evaluator, scope: Scope, function: Function, frame: Frame | None) -> Iterable[Thing]:
    signature = function.args
    kwarg = signature.kwarg
    if kwarg is None:
        return ()
    name = as_name(kwarg)
    taken = {parameter.arg for parameter in (*signature.args, *signature.kwonlyargs)}
    if frame is not None and frame.given is not None:
        return (arguments.left_over(evaluator, frame.given, taken, name),)
    known = callers.of(evaluator, scope)
    if known.givens and known.is_complete:
        return [arguments.left_over(evaluator, given, taken, name) for given in known.givens]
    return (evaluator.unknown(name, At(scope, None)),)


def _given(evaluator: Evaluator, binding: Binding, place: int | None, given: Given) -> list[Thing]:
    """What one call gives a parameter."""
    node = binding.node
    assert isinstance(node, ast.arg)  # noqa: S101 -- whoever asks has looked
    taken = arguments.argument(evaluator, given, node.arg, place)
    found = list(taken.things)
    if taken.is_sure:
        return found
    found += default(evaluator, binding.scope, node)
    if taken.unknown is not None or not found:
        found.append(evaluator.unknown(as_name(node), At(binding.scope, None)))
    return found


def default(evaluator: Evaluator, scope: Scope, node: ast.arg) -> list[Thing]:
    """What a parameter is when nobody gives it."""
    function = scope.node
    assert isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)  # noqa: S101
    signature = function.args
    positional = [*signature.posonlyargs, *signature.args]
    expression: ast.expr | None = None
    if node in signature.kwonlyargs:
        expression = signature.kw_defaults[signature.kwonlyargs.index(node)]
    elif node in positional:
        at = positional.index(node) - len(positional) + len(signature.defaults)
        expression = signature.defaults[at] if at >= 0 else None
    if expression is None or scope.parent is None:
        return []
    return list(options.parameter_default(evaluator, node, Lazy(expression, At(scope.parent, scope.where))))


def _whoever_calls(evaluator: Evaluator, binding: Binding, place: int | None) -> list[Thing]:
    """What any caller gives a parameter."""
    scope, node = binding.scope, binding.node
    assert isinstance(node, ast.arg)  # noqa: S101
    option = options.of_click(evaluator, scope, node)
    if option is not None:
        return option
    known = callers.of(evaluator, scope)
    found: list[Thing] = []
    for given in known.givens:
        found += _given(evaluator, binding, place, given)
    if not known.givens:
        found = default(evaluator, scope, node)
    is_known = found and all(not isinstance(thing, Unknown) and not is_none(thing) for thing in found)
    if not is_known:
        annotated = list(_annotated(evaluator, scope, node.annotation))
        if annotated:
            return [*(thing for thing in found if not isinstance(thing, Unknown) and not is_none(thing)), *annotated]
    if not known.is_complete or not known.givens:
        found.append(evaluator.unknown(as_name(node), At(scope, None)))
    return found


def _annotated(evaluator: Evaluator, scope: Scope, annotation: ast.expr | None) -> Iterable[Thing]:
    """What an annotation says that something is: an object of a class."""
    if annotation is None or scope.parent is None:
        return
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str) and annotation.value.isidentifier():
        quoted = ast.Name(annotation.value, ast.Load())
        annotation = ast.copy_location(quoted, annotation)
    if isinstance(annotation, ast.Subscript) and dotted(annotation.value).rsplit(".", 1)[-1] in (
        "Optional",
        "Annotated",
    ):
        inner = annotation.slice
        annotation = inner.elts[0] if isinstance(inner, ast.Tuple) and inner.elts else inner
    if isinstance(annotation, ast.BinOp) and isinstance(annotation.op, ast.BitOr):
        annotation = annotation.left
    if not isinstance(annotation, ast.Name | ast.Attribute):
        return
    for thing in evaluator.things(annotation, At(scope.parent, scope.where)):
        if isinstance(thing, Class):
            yield Instance(thing)
        elif isinstance(thing, Foreign) and not thing.name.startswith(("builtins.", "typing.")):
            yield Result(thing.name, None)
