"""Functions that change types, and those that look at how an expression fares."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.frontends.terraform.functions.function import EVERY, Called, Function
from bedrock_policy_lint.frontends.terraform.types import ANY, BOOL, NUMBER, STRING, Type, list_of, map_of, set_of
from bedrock_policy_lint.frontends.terraform.values import (
    Failed,
    Value,
    is_unsettled,
    node_of,
    shortened,
    spelled,
    unknown,
)

if TYPE_CHECKING:
    from bedrock_policy_lint.frontends.terraform.evaluate import Evaluator
    from bedrock_policy_lint.frontends.terraform.scope import Scope
    from bedrock_policy_lint.sources.hcl_tree import Call
    from bedrock_policy_lint.sources.node import Node


def _same(called: Called) -> Node:
    return called.arguments[0]


def _to(type_: Type) -> Function:
    return Function(_same, (type_,), gives=type_, takes_unknown=True, takes_null=EVERY)


def _is_sensitive(called: Called) -> Node:
    return called.unknown()


def _try(evaluator: Evaluator, expression: Call, scope: Scope) -> Node:
    """The first of several expressions that Terraform does not refuse."""
    home = node_of(expression)
    if not expression.arguments:
        raise Failed(home, "`try` takes one or more arguments")
    if expression.expands:
        raise Failed(home, "`try` takes its arguments one by one")
    for argument in expression.arguments:
        found, _, is_refused, is_doubtful = evaluator.attempt(argument, scope)
        if is_refused:
            continue
        if is_doubtful and argument is not expression.arguments[-1]:
            # Whether it holds depends on what is not known: then the next one counts.
            evaluator.doubts += 1
            return unknown(shortened(f"try({spelled(found)}, … {home.start})"), home)
        return found
    raise Failed(home, "`try` has nothing to give: all its arguments fail")


def _can(evaluator: Evaluator, expression: Call, scope: Scope) -> Node:
    """Whether Terraform accepts an expression."""
    home = node_of(expression)
    if len(expression.arguments) != 1 or expression.expands:
        raise Failed(home, "`can` takes one argument")
    found, _, is_refused, is_doubtful = evaluator.attempt(expression.arguments[0], scope)
    if is_refused:
        return Value(False, home)
    if is_doubtful or is_unsettled(found):
        return unknown(shortened(f"can({spelled(found)})"), home, BOOL)
    return Value(True, home)


FUNCTIONS = {
    "tostring": _to(STRING),
    "tonumber": _to(NUMBER),
    "tobool": _to(BOOL),
    "tolist": _to(list_of(ANY)),
    "toset": _to(set_of(ANY)),
    "tomap": _to(map_of(ANY)),
    "sensitive": _to(ANY),
    "nonsensitive": _to(ANY),
    "issensitive": Function(_is_sensitive, (ANY,), gives=BOOL, takes_unknown=True, takes_null=EVERY),
    "try": Function(None, special=_try),
    "can": Function(None, special=_can),
}
