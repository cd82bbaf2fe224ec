"""What a name stands for where it is used."""

from __future__ import annotations

import ast
import builtins
from typing import TYPE_CHECKING

from bedrock_policy_lint.code.python import containers, functions, operators
from bedrock_policy_lint.code.python.flow import Reaching, is_in_loop
from bedrock_policy_lint.code.python.imports import Found
from bedrock_policy_lint.code.python.scopes import (
    AUGMENTED,
    CLASS,
    COMPREHENSION,
    DEFINITION,
    ELEMENT,
    ENTERED,
    FUNCTION,
    IMPORT,
    IMPORT_FROM,
    MODULE,
    PARAMETER,
    VALUE,
    Where,
)
from bedrock_policy_lint.code.python.things import (
    At,
    Class,
    Defined,
    Folder,
    Foreign,
    Instance,
    Items,
    Mapping,
    Module,
    Unknown,
    Written,
    is_none,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bedrock_policy_lint.code.python.evaluate import Evaluator
    from bedrock_policy_lint.code.python.scopes import Binding, Change, Names, Scope
    from bedrock_policy_lint.code.python.things import Frame, Thing
    from bedrock_policy_lint.sources.node import Node

_MOST_NAMED = 8
_MOST_BINDINGS = 300
"""A name that is given more values than this is not followed."""
_BUILTINS = frozenset(dir(builtins))
_SAME = {
    "boto3.session.Session": "boto3.Session",
    "aioboto3.session.Session": "aioboto3.Session",
    "botocore.session.get_session": "botocore.session.Session",
    "aiobotocore.session.get_session": "aiobotocore.session.AioSession",
    "aiobotocore.get_session": "aiobotocore.session.AioSession",
    "botocore.client.Config": "botocore.config.Config",
    "aiobotocore.config.AioConfig": "botocore.config.Config",
}
"""Names under which packages offer the same thing again."""


def foreign(name: str) -> Foreign:
    """Something that the project does not define."""
    return Foreign(_SAME.get(name, name))


def look_up(evaluator: Evaluator, name: ast.Name, at: At) -> Iterable[Thing]:
    """What a name stands for."""
    scope: Scope | None = at.scope
    where = at.where
    while scope is not None:
        if scope.elsewhere.get(name.id) == MODULE:
            scope, where = scope.module.root, None
        if name.id in scope.bindings and (scope.kind != CLASS or scope is at.scope):
            found = bound(evaluator, scope, name.id, where, at.frame)
            return [with_name(thing, evaluator.node(name, at)) for thing in found]
        if scope.kind == FUNCTION and not isinstance(scope.node, ast.Lambda):
            where = None
        elif scope.kind == CLASS:
            where = scope.where if where is not None else None
        scope = scope.parent
    return _unbound(evaluator, name, at)


def with_name(thing: Thing, node: Node) -> Thing:
    """The thing with one more name that leads to it."""
    if isinstance(thing, Written | Unknown) and len(thing.named) < _MOST_NAMED and node.start != thing.node.start:
        return thing._replace(named=(node, *thing.named))
    return thing


def _unbound(evaluator: Evaluator, name: ast.Name, at: At) -> Iterable[Thing]:
    for statement in at.scope.module.stars:
        found = evaluator.modules.imports.of_import(statement, at.scope.module.path)
        things = attribute_of_package(evaluator, found, name.id) if found else ()
        if things:
            return things
    if name.id in _BUILTINS:
        return (Foreign(f"builtins.{name.id}"),)
    return (evaluator.unknown(name, at),)


def bound(evaluator: Evaluator, scope: Scope, name: str, where: Where | None, frame: Frame | None) -> list[Thing]:
    """What a name of a scope stands for at a statement; without one, whenever it may be asked."""
    found: list[Thing] = []
    if len(scope.bindings[name]) > _MOST_BINDINGS:
        first = scope.bindings[name][0]
        return [evaluator.unknown(first.node, At(scope, first.where))] if isinstance(first.node, ast.expr) else []
    for reaching in _reaching(evaluator, scope, name, where):
        things = of_binding(evaluator, reaching.binding, name, frame)
        if name in scope.changes:
            things = [
                _changed(evaluator, thing, scope.changes[name], reaching.binding, where, frame) for thing in things
            ]
        found += [thing for thing in things if not (reaching.not_none and is_none(thing))]
    return found


def _reaching(evaluator: Evaluator, scope: Scope, name: str, where: Where | None) -> list[Reaching]:
    bindings = scope.bindings[name]
    everything = [Reaching(binding) for binding in bindings]
    if len(bindings) == 1 or scope.kind == COMPREHENSION or (where is None and scope.kind == FUNCTION):
        return everything
    flow = evaluator.flow(scope, name)
    if where is not None:
        found = flow.before(where)
    else:
        block = scope.node.body if isinstance(scope.node, ast.Module | ast.ClassDef) else []
        found = flow.at_end(block)
    found += [Reaching(binding) for binding in bindings if binding.scope.home is not scope]
    return found or everything


def _changed(
    evaluator: Evaluator,
    thing: Thing,
    changes: list[Change],
    binding: Binding,
    where: Where | None,
    frame: Frame | None,
) -> Thing:
    if not isinstance(thing, Mapping | Items):
        return thing
    block = binding.scope.module.syntax.tree.body
    if where is None and binding.scope.kind == MODULE and block:
        where = Where(block[-1], block, len(block), None, "body")
    return containers.changed(evaluator, thing, changes, (binding.where, where), frame)


def frame_for(frame: Frame | None, scope: Scope) -> Frame | None:
    """The call of the function that a scope is in, of those that are under way."""
    around: set[Scope] = set()
    step: Scope | None = scope
    while step is not None:
        around.add(step)
        step = step.parent
    while frame is not None and frame.scope not in around:
        frame = frame.parent
    return frame


def of_binding(evaluator: Evaluator, binding: Binding, name: str, frame: Frame | None) -> list[Thing]:
    """What one binding of a name gives it."""
    at = At(binding.scope, binding.where, frame_for(frame, binding.scope))
    if binding.kind == PARAMETER:
        return list(functions.parameter(evaluator, binding, at.frame))
    if binding.kind == DEFINITION:
        return [_definition(binding, at)]
    if binding.kind in (IMPORT, IMPORT_FROM):
        return list(_imported(evaluator, binding, name))
    if binding.kind == AUGMENTED:
        return list(evaluator.guarded(binding.node, lambda: _augmented(evaluator, binding, name, at)))
    if binding.value is None or binding.kind not in (VALUE, ELEMENT, ENTERED):
        return [evaluator.unknown(binding.node, at)] if isinstance(binding.node, ast.expr) else []
    return _of_value(evaluator, binding, binding.value, at)


def _of_value(evaluator: Evaluator, binding: Binding, value: ast.expr, at: At) -> list[Thing]:
    """What is assigned, gone through or entered, taken apart."""
    if binding.kind == ELEMENT:
        return list(containers.elements(evaluator, value, at, binding.path))
    things: Iterable[Thing] = evaluator.things(value, at)
    if binding.kind == ENTERED:
        things = functions.entered(evaluator, things)
    for place in binding.path:
        things = containers.at_place(evaluator, things, place, value, at)
    return list(things)


def _definition(binding: Binding, at: At) -> Thing:
    node = binding.node
    inner = binding.scope.module.inner[node]
    if isinstance(node, ast.ClassDef):
        return Class(node, inner)
    return Defined(node, inner, at.frame)  # type: ignore[arg-type]


def function(_evaluator: Evaluator, expression: ast.Lambda, at: At) -> Iterable[Thing]:
    """A lambda."""
    return (Defined(expression, at.scope.module.inner[expression], at.frame),)


def _augmented(evaluator: Evaluator, binding: Binding, name: str, at: At) -> Iterable[Thing]:
    where = binding.where
    statement = where.statement if where is not None else None
    if where is None or binding.value is None or not isinstance(statement, ast.AugAssign):
        return ()
    if is_in_loop(where) or name not in binding.scope.bindings:
        return (evaluator.unknown(statement.target, at),)
    before = bound(evaluator, binding.scope, name, where, at.frame)
    after = evaluator.things(binding.value, at)
    return operators.combined(evaluator, statement.op, (before, after), (statement.target, binding.value), at)


def _imported(evaluator: Evaluator, binding: Binding, name: str) -> Iterable[Thing]:
    importer = binding.scope.module.path
    if isinstance(binding.node, ast.alias):
        dotted = binding.node.name if binding.node.asname else binding.node.name.split(".")[0]
        found = evaluator.modules.imports.absolute(dotted, importer)
        return (foreign(dotted),) if found is None else _package(evaluator, found)
    if not isinstance(binding.node, ast.ImportFrom):
        return ()
    statement = binding.node
    original = next((alias.name for alias in statement.names if (alias.asname or alias.name) == name), name)
    found = evaluator.modules.imports.of_import(statement, importer)
    if found is not None:
        return attribute_of_package(evaluator, found, original)
    return () if statement.level else (foreign(f"{statement.module}.{original}"),)


def _package(evaluator: Evaluator, found: Found) -> Iterable[Thing]:
    if not found.is_file:
        return (Folder(found.path),)
    names = evaluator.modules.names(found.path)
    return () if names is None else (Module(names),)


def attribute_of_package(evaluator: Evaluator, found: Found, name: str) -> tuple[Thing, ...]:
    """A name of a module or package of the project: what it binds, or a module in it."""
    names = evaluator.modules.names(found.path) if found.is_file else None
    things = _exported(evaluator, names, name) if names is not None else ()
    if things:
        return things
    member = evaluator.modules.imports.member(found, name)
    return tuple(_package(evaluator, member)) if member is not None else ()


def _exported(evaluator: Evaluator, names: Names, name: str) -> tuple[Thing, ...]:
    def look() -> Iterable[Thing]:
        if name in names.root.bindings:
            return bound(evaluator, names.root, name, None, None)
        for statement in names.stars:
            found = evaluator.modules.imports.of_import(statement, names.path)
            things = attribute_of_package(evaluator, found, name) if found else ()
            if things:
                return things
        return ()

    return evaluator.guarded((names.root, name), look)


def class_of(scope: Scope) -> Class | None:
    """The class that a method's scope is in."""
    parent = scope.parent
    return Class(parent.node, parent) if parent is not None and isinstance(parent.node, ast.ClassDef) else None


def instance_of(scope: Scope, frame: Frame | None) -> Instance | None:
    """What `self` is in a method."""
    if frame is not None and frame.owner is not None:
        return frame.owner
    found = class_of(scope)
    return None if found is None else Instance(found)
