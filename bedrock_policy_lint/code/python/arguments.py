"""What a call gives for an argument: by its place, by its name, out of `**mapping`, or before by `partial`."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from bedrock_policy_lint.code.python import containers
from bedrock_policy_lint.code.python.containers import Taken
from bedrock_policy_lint.code.python.things import Entry, Items, Lazy, Mapping, Result, distinct

if TYPE_CHECKING:
    from bedrock_policy_lint.code.python.evaluate import Evaluator
    from bedrock_policy_lint.code.python.things import Given, Thing


def argument(evaluator: Evaluator, given: Given, name: str, place: int | None = None) -> Taken:
    """What is given for an argument of a name, which may stand at a place without it."""
    if place is not None:
        positional, unknown = _positional(evaluator, given)
        if place < len(positional):
            return Taken(evaluator.lazy(positional[place]), True, None, positional[place])
        if unknown is not None:
            return Taken((), False, unknown)
    return _keyword(evaluator, given, name)


def _positional(evaluator: Evaluator, given: Given) -> tuple[list[Lazy], Lazy | None]:
    """The arguments without a name, and what may hold more of them."""
    found: list[Lazy] = []
    if given.before is not None:
        found, unknown = _positional(evaluator, given.before)
        if unknown is not None:
            return found, unknown
    for expression in given.call.args[given.skipped :]:
        if not isinstance(expression, ast.Starred):
            found.append(Lazy(expression, given.at))
            continue
        things = evaluator.things(expression.value, given.at)
        if len(things) != 1 or not isinstance(things[0], Items) or not things[0].is_complete:
            return found, Lazy(expression.value, given.at)
        found += things[0].items
    return found, None


def _keyword(evaluator: Evaluator, given: Given, name: str) -> Taken:
    found: list[Thing] = []
    unknown: Lazy | None = None
    written: Lazy | None = None
    is_sure = False
    for keyword in given.call.keywords:
        if keyword.arg == name:
            return Taken(evaluator.things(keyword.value, given.at), True, None, Lazy(keyword.value, given.at))
        if keyword.arg is None:
            taken = containers.take(evaluator, containers.merge(evaluator, Lazy(keyword.value, given.at)), name)
            found += taken.things
            unknown = unknown or taken.unknown
            is_sure = is_sure or taken.is_sure
            written = written or taken.written
            if taken.is_sure and taken.unknown is None:
                return Taken(distinct(found), True, None, written)
    if given.before is not None:
        before = argument(evaluator, given.before, name)
        things = distinct([*found, *before.things])
        return Taken(things, is_sure or before.is_sure, unknown or before.unknown, written or before.written)
    return Taken(distinct(found), is_sure, unknown, written)


def left_over(evaluator: Evaluator, given: Given, taken: set[str], expression: ast.expr) -> Mapping:
    """What `**kwargs` of a function is: the arguments that have no parameter of their own."""
    entries: list[Entry] = []
    if given.before is not None:
        entries += left_over(evaluator, given.before, taken, expression).entries
    for keyword in given.call.keywords:
        if keyword.arg is None:
            merged = containers.merge(evaluator, Lazy(keyword.value, given.at))
            entries += [entry for entry in merged.entries if entry.key not in taken]
        elif keyword.arg not in taken:
            entries.append(Entry(keyword.arg, Lazy(keyword.value, given.at)))
    return Mapping(expression, tuple(entries))


def path(evaluator: Evaluator, given: Given, dotted: str) -> Taken:
    """What is given at a path: an argument, and what its mapping holds."""
    first, *rest = dotted.split(".")
    taken = argument(evaluator, given, first, int(first)) if first.isdigit() else argument(evaluator, given, first)
    for key in rest:
        taken = _inside(evaluator, taken, key)
    return taken


def _inside(evaluator: Evaluator, outer: Taken, key: str) -> Taken:
    found: list[Thing] = []
    is_sure, unknown = outer.is_sure, outer.unknown
    written: Lazy | None = None
    for thing in outer.things:
        if isinstance(thing, Mapping):
            inner = containers.take(evaluator, thing, key)
        elif isinstance(thing, Result) and thing.given is not None and thing.name.rsplit(".", 1)[-1][:1].isupper():
            inner = argument(evaluator, thing.given, key)  # a typed dictionary, or a class of settings
        else:
            is_sure = False
            continue
        found += inner.things
        is_sure = is_sure and inner.is_sure
        unknown = unknown or inner.unknown
        written = written or inner.written
    return Taken(distinct(found), is_sure, unknown, written)
