"""What operators make of things: `+`, `%`, `|`, `or`, `and`, `if … else`."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from bedrock_policy_lint.code.python import containers, environment, texts
from bedrock_policy_lint.code.python.things import (
    MAX_THINGS,
    At,
    Chain,
    Instance,
    Items,
    Lazy,
    Mapping,
    Plain,
    Result,
    Unknown,
    Written,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bedrock_policy_lint.code.python.evaluate import Evaluator
    from bedrock_policy_lint.code.python.things import Thing

Sides = tuple["Sequence[Thing]", "Sequence[Thing]"]


def binary(evaluator: Evaluator, expression: ast.BinOp, at: At) -> Iterable[Thing]:
    """What `left operator right` stands for."""
    if not isinstance(expression.op, ast.Add | ast.Mod | ast.BitOr):
        return (evaluator.unknown(expression, at),)
    left = evaluator.things(expression.left, at)
    if isinstance(expression.op, ast.Mod):
        made: list[Thing] = []
        for thing in left:
            is_text = isinstance(thing, Written)
            made += (
                texts.percent(evaluator, thing, expression.right, expression, at)  # type: ignore[arg-type]
                if is_text
                else [evaluator.unknown(expression, at)]
            )
        return made
    right = evaluator.things(expression.right, at)
    return combined(evaluator, expression.op, (left, right), (expression.left, expression.right), at, expression)


def combined(
    evaluator: Evaluator,
    operator: ast.operator,
    things: Sides,
    sides: tuple[ast.expr, ast.expr],
    at: At,
    whole: ast.expr | None = None,
) -> list[Thing]:
    """What an operator makes of two things."""
    left, right = things
    whole = whole or sides[1]
    if isinstance(operator, ast.Add):
        if any(isinstance(thing, Written) for thing in (*left, *right)):
            return texts.added(evaluator, ((left, sides[0]), (right, sides[1])), whole, at)
        if all(isinstance(thing, Items) for thing in (*left, *right)) and len(left) == len(right) == 1:
            first, second = left[0], right[0]
            if isinstance(first, Items) and isinstance(second, Items):
                is_complete = first.is_complete and second.is_complete
                return [Items(whole, first.items + second.items, is_complete)]
    if isinstance(operator, ast.BitOr):
        chained = tuple(thing for thing in (*left, *right) if isinstance(thing, Result | Chain | Instance))
        if chained:
            return [Chain(chained)]
        if any(isinstance(thing, Mapping) for thing in (*left, *right)):
            return [_merged(evaluator, sides, at, whole)]
    return [evaluator.unknown(whole, at)]


def _merged(evaluator: Evaluator, sides: tuple[ast.expr, ast.expr], at: At, whole: ast.expr) -> Mapping:
    first, second = (containers.merge(evaluator, Lazy(side, at)) for side in sides)
    return Mapping(whole, first.entries + second.entries)


def boolean(evaluator: Evaluator, expression: ast.BoolOp, at: At) -> Iterable[Thing]:
    """What `a or b` and `a and b` stand for."""
    is_or = isinstance(expression.op, ast.Or)
    found: list[Thing] = []
    *firsts, last = expression.values
    for operand in firsts:
        found, is_through = (_or if is_or else _and)(evaluator, operand, at, found)
        if not is_through or len(found) > MAX_THINGS:
            return found
    return [*found, *_after(evaluator, last, at, found, is_or)]


def _or(evaluator: Evaluator, operand: ast.expr, at: At, found: list[Thing]) -> tuple[list[Thing], bool]:
    things = _after(evaluator, operand, at, found, True)
    kept = [thing for thing in things if _is_true(thing) is not False]
    has_default = any(isinstance(thing, Written) and thing.default_of for thing in kept)
    return [*found, *kept], not things or (not has_default and any(_is_true(thing) is not True for thing in things))


def _and(evaluator: Evaluator, operand: ast.expr, at: At, found: list[Thing]) -> tuple[list[Thing], bool]:
    things = evaluator.things(operand, at)
    kept = [thing for thing in things if _is_true(thing) is False]
    return [*found, *kept], not things or any(_is_true(thing) is not False for thing in things)


def _after(evaluator: Evaluator, operand: ast.expr, at: At, found: list[Thing], is_or: bool) -> list[Thing]:
    """What an operand of `or` stands for behind those that may be empty: a default, when they are variables."""
    things = list(evaluator.things(operand, at))
    others = [thing for thing in found if not (isinstance(thing, Written) and thing.default_of)]
    name = environment.variable(others[0]) if is_or and others else ""
    if not name or any(not environment.variable(thing) for thing in others):
        return things
    several = len(others) > 1
    return [
        made._replace(is_one_of_several=True) if several and isinstance(made, Written) else made
        for made in (environment.as_default(thing, name) for thing in things)
    ]


def _is_true(thing: Thing) -> bool | None:
    """Whether a thing counts as true; None where that cannot be told."""
    if isinstance(thing, Plain):
        return bool(thing.value)
    if isinstance(thing, Written):
        return bool(thing.text) if isinstance(thing.text, str) else None
    return None if isinstance(thing, Unknown | Mapping | Items) else True


def conditional(evaluator: Evaluator, expression: ast.IfExp, at: At) -> Iterable[Thing]:
    """What `a if test else b` stands for."""
    if ast.dump(expression.test) == ast.dump(expression.body):
        found, is_through = _or(evaluator, expression.body, at, [])
        return [*found, *_after(evaluator, expression.orelse, at, found, True)] if is_through else found
    return [*evaluator.things(expression.body, at), *evaluator.things(expression.orelse, at)]
