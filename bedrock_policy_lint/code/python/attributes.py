"""What `x.name` stands for."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from bedrock_policy_lint.code.python import arguments, classes, names, options, sdk
from bedrock_policy_lint.code.python.imports import Found
from bedrock_policy_lint.code.python.things import (
    At,
    Chain,
    Class,
    Folder,
    Foreign,
    Instance,
    Member,
    Module,
    Result,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from bedrock_policy_lint.code.python.evaluate import Evaluator
    from bedrock_policy_lint.code.python.things import Thing


def look_up(evaluator: Evaluator, expression: ast.Attribute, at: At) -> Iterable[Thing]:
    """What an attribute stands for."""
    found: list[Thing] = []
    for thing in evaluator.things(expression.value, at):
        things = of(evaluator, thing, expression.attr, expression, at)
        found += things or (evaluator.unknown(expression, at),)
        if isinstance(thing, Instance | Class | Module) and _is_set_elsewhere(thing, expression.attr, at):
            found.append(evaluator.unknown(expression, at))
    node = evaluator.node(expression, at)
    return [names.with_name(thing, node) for thing in found]


def _is_set_elsewhere(thing: Instance | Class | Module, name: str, at: At) -> bool:
    """Whether the file that defines something, or the one that uses it, assigns to such an attribute from outside."""
    if isinstance(thing, Module):
        home = thing.names
    else:
        home = (thing.of if isinstance(thing, Instance) else thing).scope.module
    return name in home.stores or name in at.scope.module.stores


def of(evaluator: Evaluator, thing: Thing, name: str, expression: ast.expr, at: At) -> Iterable[Thing]:
    """What an attribute of a thing stands for; nothing where that is not known."""
    if isinstance(thing, Result):
        return _of_result(evaluator, thing, name, expression, at)
    if isinstance(thing, Chain):
        return [inner for part in thing.things for inner in of(evaluator, part, name, expression, at)]
    look = _LOOKS.get(type(thing))
    return () if look is None else look(evaluator, thing, name)


def _of_foreign(evaluator: Evaluator, thing: Foreign, name: str) -> Iterable[Thing]:
    attribute = names.foreign(f"{thing.name}.{name}")._replace(owner=thing.owner)
    return sdk.region_of(evaluator, attribute) or (attribute,)


def _of_instance(evaluator: Evaluator, thing: Instance, name: str) -> Iterable[Thing]:
    return evaluator.guarded(("attribute", thing, name), lambda: classes.attribute(evaluator, thing, name) or ())


def _of_class(evaluator: Evaluator, thing: Class, name: str) -> Iterable[Thing]:
    return evaluator.guarded(("attribute", thing, name), lambda: classes.of_class(evaluator, thing, name))


def _of_module(evaluator: Evaluator, thing: Module, name: str) -> Iterable[Thing]:
    return names.attribute_of_package(evaluator, Found(thing.names.path, True), name)


def _of_folder(evaluator: Evaluator, thing: Folder, name: str) -> Iterable[Thing]:
    return names.attribute_of_package(evaluator, Found(thing.path, False), name)


def _of_member(evaluator: Evaluator, thing: Member, name: str) -> Iterable[Thing]:
    return evaluator.lazy(thing.value) if name == "value" else ()


_LOOKS: dict[type, Callable[[Evaluator, Any, str], Iterable[Thing]]] = {
    Foreign: _of_foreign,
    Instance: _of_instance,
    Class: _of_class,
    Module: _of_module,
    Folder: _of_folder,
    Member: _of_member,
}


def _of_result(evaluator: Evaluator, thing: Result, name: str, expression: ast.expr, at: At) -> Iterable[Thing]:
    if thing.given is not None:
        if thing.name in options.PARSED:
            return options.of_argparse(evaluator, thing.given, name, expression, at)
        if thing.name == "types.SimpleNamespace":
            return arguments.argument(evaluator, thing.given, name).things
    attribute = Foreign(f"{thing.name}.{name}", thing)
    return sdk.region_of(evaluator, attribute) or (attribute,)
