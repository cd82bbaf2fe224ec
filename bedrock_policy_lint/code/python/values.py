"""What a call is given, as values that readers of other languages give too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.code.python import arguments, texts
from bedrock_policy_lint.code.python.containers import Taken
from bedrock_policy_lint.code.python.literals import ComputedNode
from bedrock_policy_lint.code.python.things import Lazy, Mapping, Unknown, Written, distinct, is_none
from bedrock_policy_lint.code.site import AGENT, ALIAS, FLOW, KNOWLEDGE_BASE, MODEL, Value

if TYPE_CHECKING:
    import ast
    from collections.abc import Iterable

    from bedrock_policy_lint.code.python.evaluate import Evaluator
    from bedrock_policy_lint.code.python.things import At, Given

REQUIRED = frozenset({MODEL, AGENT, ALIAS, FLOW, KNOWLEDGE_BASE})
"""What a call is likely to be given through a `**mapping` that nobody knows; other things are in few calls."""


def at_path(evaluator: Evaluator, given: Given, dotted: str, role: str) -> Taken:
    """What a call is given at a path of its arguments, which is taken to be there if the mapping is not known."""
    taken = arguments.path(evaluator, given, dotted)
    if taken.unknown is not None and role not in REQUIRED:
        return taken._replace(unknown=None)
    if taken.things or taken.unknown is not None:
        return taken
    outer = arguments.path(evaluator, given, dotted.split(".", 1)[0])
    unknown = tuple(thing for thing in outer.things if not isinstance(thing, Mapping) and not is_none(thing))
    if "." in dotted and unknown and (role in REQUIRED or dotted.count(".") == 1):
        return Taken(unknown, outer.is_sure)
    return taken


def of(evaluator: Evaluator, taken: Iterable[Taken], fallback: ast.expr, at: At) -> tuple[Value, ...]:
    """The values that an argument may have, given in one way or another."""
    found: list[Written] = []
    is_partial = False
    for way in taken:
        things = [thing for thing in way.things if not is_none(thing)]
        is_partial = is_partial or (bool(things) and (len(things) < len(way.things) or not way.is_sure))
        written = way.written or Lazy(fallback, at)
        if way.unknown is not None:
            things.append(evaluator.unknown(way.unknown.expression, way.unknown.at))
        elif way.is_sure and not way.things:
            things.append(evaluator.unknown(*written))
        found += [text for thing in things for text in texts.written(evaluator, thing, *written)]
    several = distinct(found)
    is_several = is_partial or len([text for text in found if not text.default_of]) > 1
    return tuple(
        Value(text.node, text.named, text.default_of, is_several or text.is_one_of_several)
        for text in several
        if isinstance(text, Written)
    )


def without_prefix(value: Value, prefixes: tuple[str, ...]) -> Value | None:
    """The value behind the first of these that it begins with; None where it is known to begin otherwise."""
    node = value.node
    text = node.value
    literal = text if isinstance(text, str) else text.parts[0]
    if not isinstance(literal, str):
        return value
    for prefix in prefixes:
        if not literal.startswith(prefix):
            continue
        size = len(prefix)
        rest = text[size:] if isinstance(text, str) else text._replace(parts=_cut(text.parts, size))
        return value._replace(node=ComputedNode(rest, node.start, node.end, node.source, node.offsets()[size:]))
    return None


def _cut(parts: tuple[object, ...], size: int) -> tuple[object, ...]:
    first, *rest = parts
    assert isinstance(first, str)  # noqa: S101 -- it begins with the prefix
    return (first[size:], *rest) if first[size:] else tuple(rest)


def unknown(evaluator: Evaluator, expression: ast.expr, at: At) -> tuple[Value, ...]:
    """A value that cannot be told, named by an expression."""
    made: Unknown = evaluator.unknown(expression, at)
    return (Value(made.node),)
