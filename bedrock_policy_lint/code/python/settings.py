"""Fields of dataclasses and of pydantic's models and settings: their defaults, and the variables they are read from."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from bedrock_policy_lint.code.python import calls, classes, environment
from bedrock_policy_lint.code.python.scopes import dotted
from bedrock_policy_lint.code.python.things import At, Class, Given, Written, is_none

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.code.python.evaluate import Evaluator
    from bedrock_policy_lint.code.python.things import Thing
    from bedrock_policy_lint.sources.node import Node

_FIELDS = frozenset({"Field", "field", "ib", "attrib"})
_ALIASES = ("validation_alias", "alias", "env")
_CONFIGURATIONS = ("model_config", "Config")


def is_settings(evaluator: Evaluator, found: Class) -> bool:
    """Whether its fields are read from the environment."""
    return "BaseSettings" in classes.base_names(evaluator, found)


def _field(node: ast.AnnAssign) -> ast.Call | None:
    """The `Field(…)` that a field is assigned."""
    value = node.value
    if isinstance(value, ast.Call) and dotted(value.func).rsplit(".", 1)[-1] in _FIELDS:
        return value
    return None


def default(evaluator: Evaluator, found: Class, node: ast.AnnAssign, variables: tuple[str, ...]) -> list[Thing]:
    """What a field is when nobody gives it: the value of one of these variables, if there are any, or its default."""
    things = _default(evaluator, found, node)
    if not variables:
        return things
    name = found.scope.module.syntax.node(node.target)
    holes: list[Thing] = [environment.hole(variable, name) for variable in variables]
    return holes + [environment.as_default(thing, variables[0]) for thing in things if not is_none(thing)]


def _default(evaluator: Evaluator, found: Class, node: ast.AnnAssign) -> list[Thing]:
    at = At(found.scope, _where(found, node))
    field = _field(node)
    if field is None:
        return [] if node.value is None else list(evaluator.things(node.value, at))
    named = {keyword.arg: keyword.value for keyword in field.keywords}
    expression = named.get("default") or (field.args[0] if field.args else None)
    if expression is not None:
        is_required = isinstance(expression, ast.Constant) and expression.value is ...
        return [] if is_required else list(evaluator.things(expression, at))
    factory = named.get("default_factory") or named.get("factory")
    if factory is None:
        return []
    nothing = ast.copy_location(ast.Call(factory, [], []), factory)
    made = evaluator.things(factory, at)
    return [inner for thing in made for inner in calls.of(evaluator, thing, Given(nothing, at))]


def _where(found: Class, node: ast.AnnAssign) -> Any:
    for bindings in found.scope.bindings.values():
        for binding in bindings:
            if binding.where is not None and binding.where.statement is node:
                return binding.where
    return None


def names_of(evaluator: Evaluator, found: Class, node: ast.AnnAssign) -> tuple[str, ...]:
    """The variables that a field of settings is read from."""
    at = At(found.scope, None)
    field = _field(node)
    keeps_case = _configured(evaluator, found, "case_sensitive") == "True"
    for keyword in field.keywords if field is not None else ():
        if keyword.arg in _ALIASES:
            names = tuple(_texts(evaluator, keyword.value, at))
            return names if keeps_case else tuple(name.upper() for name in names)
    if not isinstance(node.target, ast.Name):
        return ()
    prefix = _configured(evaluator, found, "env_prefix")
    if prefix is None:
        return ()
    name = f"{prefix}{node.target.id}"
    return (name if keeps_case else name.upper(),)


def _texts(evaluator: Evaluator, expression: ast.expr, at: At) -> Iterator[str]:
    """The texts that an alias is: one, or `AliasChoices` of several."""
    parts = expression.args if isinstance(expression, ast.Call) else getattr(expression, "elts", [expression])
    for part in parts:
        for thing in evaluator.things(part, at):
            if isinstance(thing, Written) and isinstance(thing.text, str):
                yield thing.text


def _configured(evaluator: Evaluator, found: Class, name: str) -> str | None:
    """An option of settings, empty where it is not set; None where it cannot be told."""
    for expression in _option(evaluator, found, name):
        if isinstance(expression, ast.Constant):
            return str(expression.value)
        things = evaluator.things(expression, At(found.scope, None))
        only = things[0] if len(things) == 1 else None
        return only.text if isinstance(only, Written) and isinstance(only.text, str) else None
    return ""


def _option(evaluator: Evaluator, found: Class, name: str) -> Iterator[ast.expr]:
    for one in classes.lineage(evaluator, found):
        if not isinstance(one, Class):
            continue
        for keyword in one.node.keywords:
            if keyword.arg == name:
                yield keyword.value
        for statement in one.node.body:
            yield from _in_configuration(statement, name)


def _in_configuration(statement: ast.stmt, name: str) -> Iterator[ast.expr]:
    if isinstance(statement, ast.ClassDef) and statement.name in _CONFIGURATIONS:
        for inner in statement.body:
            if isinstance(inner, ast.Assign) and any(dotted(target) == name for target in inner.targets):
                yield inner.value
    value = getattr(statement, "value", None)
    targets = getattr(statement, "targets", None) or [getattr(statement, "target", None)]
    if not any(isinstance(target, ast.Name) and target.id in _CONFIGURATIONS for target in targets):
        return
    if isinstance(value, ast.Call):
        for keyword in value.keywords:
            if keyword.arg == name:
                yield keyword.value
    elif isinstance(value, ast.Dict):
        for key, member in zip(value.keys, value.values, strict=True):
            if isinstance(key, ast.Constant) and key.value == name:
                yield member


def variables(evaluator: Evaluator, found: Class) -> Iterator[tuple[str, Node]]:
    """The variables that settings read, and the fields that say so."""
    for statement in found.node.body:
        if isinstance(statement, ast.AnnAssign):
            for name in names_of(evaluator, found, statement):
                yield name, found.scope.module.syntax.node(statement.target)
