"""Dictionaries and lists: what they hold, how they are changed, what is taken out of them."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, NamedTuple

from bedrock_policy_lint.code.python import environment, names
from bedrock_policy_lint.code.python.flow import BEFORE, NEVER, happened
from bedrock_policy_lint.code.python.scopes import ITEM, MERGED, Change, Where
from bedrock_policy_lint.code.python.things import (
    At,
    Entry,
    Foreign,
    Items,
    Lazy,
    Mapping,
    Plain,
    Result,
    Written,
    distinct,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bedrock_policy_lint.code.python.evaluate import Evaluator
    from bedrock_policy_lint.code.python.things import Frame, Thing

_MOST_ENTRIES = 500
"""A longer dictionary is data, and what is taken out of it is not followed."""
_MOST_CHANGES = 200
"""What is changed more often is not followed."""
_SAME_ELEMENTS = frozenset({"list", "tuple", "set", "sorted", "reversed", "frozenset"})


class Taken(NamedTuple):
    """What a key of a mapping, or a name of an argument, gives."""

    things: tuple[Thing, ...] = ()
    is_sure: bool = False
    """Whether there is certainly something under that key."""
    unknown: Lazy | None = None
    """What may hold the key beside that, and nobody knows."""
    written: Lazy | None = None
    """How it is written, where it is written once."""


def mapping(evaluator: Evaluator, expression: ast.Dict, at: At) -> Iterable[Thing]:
    """What `{…}` stands for."""
    if len(expression.keys) > _MOST_ENTRIES:
        return (evaluator.unknown(expression, at),)
    entries: list[Entry] = []
    for key, value in zip(expression.keys, expression.values, strict=True):
        if key is None:
            entries += merge(evaluator, Lazy(value, at)).entries
        else:
            entries.append(Entry(key_of(evaluator, key, at), Lazy(value, at), Lazy(key, at)))
    return (Mapping(expression, tuple(entries)),)


def rest(lazy: Lazy) -> Entry:
    """Something that may hold members that nobody knows."""
    return Entry(None, lazy, is_sure=False, is_rest=True)


def key_of(evaluator: Evaluator, key: ast.expr, at: At) -> str | None:
    """The text that a key is; None where it cannot be told."""
    if isinstance(key, ast.Constant):
        return key.value if isinstance(key.value, str) else repr(key.value)
    things = evaluator.things(key, at)
    if len(things) == 1 and isinstance(things[0], Written) and isinstance(things[0].text, str):
        return things[0].text
    return None


def merge(evaluator: Evaluator, lazy: Lazy) -> Mapping:
    """A mapping that holds whatever an expression may hold, as `**expression` does."""
    things = evaluator.lazy(lazy)
    found = [thing for thing in things if isinstance(thing, Mapping)]
    is_only = len(things) == 1
    entries = [entry if is_only else entry._replace(is_sure=False) for thing in found for entry in thing.entries]
    if len(entries) > _MOST_ENTRIES:
        return Mapping(lazy.expression, (rest(lazy),))
    if not things or any(not isinstance(thing, Mapping | Plain) for thing in things):
        entries.append(rest(lazy))
    return Mapping(lazy.expression, tuple(entries))


def take(evaluator: Evaluator, mapping: Mapping, key: str) -> Taken:
    """What stands under a key."""
    found: list[Thing] = []
    unknown: Lazy | None = None
    written: Lazy | None = None
    for entry in reversed(mapping.entries):
        if entry.is_rest:
            unknown = unknown or entry.value
        elif entry.key in (None, key):
            found += evaluator.lazy(entry.value)
            written = written or entry.value
            if entry.key == key and entry.is_sure:
                return Taken(distinct(found), True, unknown, written)
    return Taken(distinct(found), False, unknown, written)


def changed(
    evaluator: Evaluator,
    thing: Mapping | Items,
    changes: Sequence[Change],
    between: tuple[Where | None, Where | None],
    frame: Frame | None,
) -> Thing:
    """A list or mapping after what was done to it between two statements."""
    made, used = between
    if len(changes) > _MOST_CHANGES:
        first = changes[0]
        unknown = rest(Lazy(first.node, At(first.scope, first.where, names.frame_for(frame, first.scope))))
        return Mapping(unknown.value.expression, (unknown,))
    for change in changes:
        when = happened(change, made, used)
        if when == NEVER:
            continue
        if isinstance(thing, Items):
            return thing._replace(is_complete=False)
        at = At(change.scope, change.where, names.frame_for(frame, change.scope))
        thing = _changed(evaluator, thing, change, at, is_sure=when == BEFORE)
    return thing


def _changed(evaluator: Evaluator, mapping: Mapping, change: Change, at: At, *, is_sure: bool) -> Mapping:
    key = None if change.key is None else key_of(evaluator, change.key, at)
    if change.kind == ITEM and change.value is not None:
        entry = Entry(key, Lazy(change.value, at), None if change.key is None else Lazy(change.key, at), is_sure)
        return mapping._replace(entries=(*mapping.entries, entry))
    if change.kind == MERGED and change.value is not None:
        merged = merge(evaluator, Lazy(change.value, at))
        entries = tuple(entry._replace(is_sure=entry.is_sure and is_sure) for entry in merged.entries)
        return mapping._replace(entries=mapping.entries + entries)
    if key is None:
        return mapping._replace(entries=(*mapping.entries, rest(Lazy(change.node, at))))
    unsure = (entry._replace(is_sure=False) if entry.key == key else entry for entry in mapping.entries)
    if change.value is None:
        return mapping._replace(entries=tuple(unsure))
    default = Entry(key, Lazy(change.value, at), None, True)
    return mapping._replace(entries=(default, *mapping.entries))


def subscript(evaluator: Evaluator, expression: ast.Subscript, at: At) -> Iterable[Thing]:
    """What `x[key]` stands for."""
    found: list[Thing] = []
    for thing in evaluator.things(expression.value, at):
        if isinstance(thing, Mapping):
            found += _item(evaluator, thing, expression, at)
        elif isinstance(thing, Items) and isinstance(expression.slice, ast.Constant):
            place = expression.slice.value
            found += at_place(evaluator, (thing,), place if isinstance(place, int) else -1, expression, at)
        elif isinstance(thing, Foreign | Result) and thing.name in environment.MAPPINGS:
            found += environment.read(evaluator, Lazy(expression.slice, at), Lazy(expression, at))
        else:
            found.append(evaluator.unknown(expression, at))
    node = evaluator.node(expression, at)
    return [names.with_name(thing, node) for thing in found]


def _item(evaluator: Evaluator, mapping: Mapping, expression: ast.Subscript, at: At) -> Iterable[Thing]:
    key = key_of(evaluator, expression.slice, at)
    if key is None:
        things = [thing for value in mapping.values for thing in evaluator.lazy(value)]
        return [*things, *([evaluator.unknown(expression, at)] if mapping.unknown or not things else [])]
    taken = take(evaluator, mapping, key)
    is_known = taken.things and taken.unknown is None
    return taken.things if is_known else [*taken.things, evaluator.unknown(expression, at)]


def at_place(
    evaluator: Evaluator, things: Iterable[Thing], place: int, expression: ast.expr, at: At
) -> Iterable[Thing]:
    """What stands at a place of a list."""
    found: list[Thing] = []
    for thing in things:
        if isinstance(thing, Items) and thing.is_complete and -len(thing.items) <= place < len(thing.items):
            found += evaluator.lazy(thing.items[place])
        else:
            found.append(evaluator.unknown(expression, at))
    return found


def elements(evaluator: Evaluator, expression: ast.expr, at: At, path: tuple[int, ...]) -> Iterable[Thing]:
    """What a loop over an expression goes through, taken apart by a path."""
    if isinstance(expression, ast.Call):
        function = expression.func
        if isinstance(function, ast.Attribute) and function.attr in ("items", "values", "keys") and not expression.args:
            return _members(evaluator, Lazy(function.value, at), function.attr, path) or _lost(
                evaluator, expression, at
            )
        if isinstance(function, ast.Name) and expression.args:
            if function.id in _SAME_ELEMENTS:
                return elements(evaluator, expression.args[0], at, path)
            if function.id == "enumerate" and path[:1] == (1,):
                return elements(evaluator, expression.args[0], at, path[1:])
            if function.id == "zip" and path and path[0] < len(expression.args):
                return elements(evaluator, expression.args[path[0]], at, path[1:])
    found: list[Thing] = []
    for thing in evaluator.things(expression, at):
        if isinstance(thing, Items):
            found += [inner for item in thing.items for inner in _apart(evaluator, item, path)]
            found += [] if thing.is_complete else _lost(evaluator, expression, at)
        elif isinstance(thing, Mapping):
            found += _members(evaluator, Lazy(expression, at), "keys", path) or _lost(evaluator, expression, at)
        else:
            found += _lost(evaluator, expression, at)
    return found


def _lost(evaluator: Evaluator, expression: ast.expr, at: At) -> list[Thing]:
    return [evaluator.unknown(expression, at)]


def _apart(evaluator: Evaluator, lazy: Lazy, path: tuple[int, ...]) -> Iterable[Thing]:
    things: Iterable[Thing] = evaluator.lazy(lazy)
    for place in path:
        things = at_place(evaluator, things, place, lazy.expression, lazy.at)
    return things


def _members(evaluator: Evaluator, lazy: Lazy, which: str, path: tuple[int, ...]) -> list[Thing]:
    """The keys, the values or both of a mapping; nothing where it is none."""
    if which == "items":
        if not path:
            return []
        which, path = ("keys", "values")[path[0] != 0], path[1:]
    found: list[Thing] = []
    for thing in evaluator.lazy(lazy):
        if not isinstance(thing, Mapping) or thing.unknown is not None:
            return []
        for entry in thing.entries:
            inner = entry.value if which == "values" else entry.written
            if inner is None:
                return []
            found += _apart(evaluator, inner, path)
    return found
