"""Texts that expressions put together out of others."""

from __future__ import annotations

import ast
import re
import string
from array import array
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from bedrock_policy_lint.code.python import classes
from bedrock_policy_lint.code.python.literals import ComputedNode, Field, Stretch, StringNode, parts
from bedrock_policy_lint.code.python.things import At, Items, Member, Plain, Unknown, Written
from bedrock_policy_lint.model.text import Text, join, length, parts_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bedrock_policy_lint.code.python.evaluate import Evaluator
    from bedrock_policy_lint.code.python.things import Thing

_MOST_TEXTS = 12
"""So many combinations of parts are told apart."""
_LONGEST = 10_000
"""A longer text is no id and no name, and may be made to fill the memory."""
_PERCENT = re.compile(r"%(?:\((?P<key>[^)]*)\))?(?P<kind>[sd%])")


class Piece(NamedTuple):
    """A part of a text: what it says, and where that stands in the expression."""

    text: Text
    places: Sequence[int] | None
    start: int
    default_of: str = ""
    is_one_of_several: bool = False


def written(evaluator: Evaluator, thing: Thing, expression: ast.expr, at: At) -> list[Written]:
    """A thing as a text; a hole where it is none."""
    if isinstance(thing, Written):
        return [thing]
    if isinstance(thing, Unknown):
        return [Written(thing.node, thing.named)]
    if isinstance(thing, Plain) and isinstance(thing.value, int | float) and not isinstance(thing.value, bool):
        node = thing.node
        return [Written(ComputedNode(str(thing.value), node.start, node.end, node.source))]
    if isinstance(thing, Member):
        value = classes.text_of_member(evaluator, thing)
        found = [text for inner in value for text in written(evaluator, inner, expression, at)]
        if found:
            return found
    unknown = evaluator.unknown(expression, at)
    return [Written(unknown.node)]


def all_written(evaluator: Evaluator, expression: ast.expr, at: At) -> list[Written]:
    """The texts that an expression may stand for."""
    things = evaluator.things(expression, at)
    return [text for thing in things for text in written(evaluator, thing, expression, at)]


def _pieces(evaluator: Evaluator, expression: ast.expr, at: At) -> list[Piece]:
    """An expression as a part of the text that holds it."""
    return [_piece(text, expression, at) for text in all_written(evaluator, expression, at)]


def _piece(text: Written, expression: ast.expr, at: At) -> Piece:
    start, end = at.scope.module.syntax.span(expression)
    node = text.node
    is_inside = node.source is at.scope.module.syntax.source and start <= node.start and node.end <= end
    places = node.offsets() if is_inside and isinstance(node, StringNode | ComputedNode) else None
    return Piece(text.text, places, start, text.default_of, text.is_one_of_several)


def compose(evaluator: Evaluator, alternatives: Sequence[Sequence[Piece]], expression: ast.expr, at: At) -> list[Thing]:
    """Every text that these parts may make one behind the other."""
    made: list[tuple[Piece, ...]] = [()]
    if sum(max((length(piece.text) for piece in pieces), default=0) for pieces in alternatives) > _LONGEST:
        return [evaluator.unknown(expression, at)]
    for pieces in alternatives:
        made = [(*before, piece) for before in made for piece in pieces]
        if len(made) > _MOST_TEXTS:
            return [evaluator.unknown(expression, at)]
    return [_composed(pieces, expression, at) for pieces in made]


def _composed(pieces: tuple[Piece, ...], expression: ast.expr, at: At) -> Written:
    syntax = at.scope.module.syntax
    start, end = syntax.span(expression)
    places = array("I")
    last = start
    for piece in pieces:
        size = length(piece.text)
        if piece.places is None or len(piece.places) != size + 1:
            places.extend([piece.start] * size)
            last = end
        else:
            places.extend(piece.places[:-1])
            last = piece.places[-1]
    places.append(last)
    text = join([part for piece in pieces for part in parts_of(piece.text)])
    defaults = {piece.default_of: None for piece in pieces if piece.default_of}
    is_one_of_several = len(defaults) > 1 or any(piece.is_one_of_several for piece in pieces)
    node = ComputedNode(text, start, end, syntax.source, places)
    return Written(node, (), next(iter(defaults), ""), is_one_of_several)


def formatted(evaluator: Evaluator, expression: ast.JoinedStr, at: At) -> Iterable[Thing]:
    """What an f-string stands for."""
    syntax = at.scope.module.syntax
    start, end = syntax.span(expression)
    literal = parts(syntax.source.text, start, end)
    fields = [part for part in literal if isinstance(part, Field)]
    values = [value for value in expression.values if isinstance(value, ast.FormattedValue)]
    if len(fields) != len(values) or any(_is_spelled_out(syntax.source.text, field) for field in fields):
        return [evaluator.unknown(expression, at)]
    alternatives: list[list[Piece]] = []
    left = iter(values)
    for part in literal:
        if isinstance(part, Stretch):
            alternatives.append([Piece(part.text, part.places, part.places[0])])
        else:
            alternatives.append(_field(evaluator, next(left), part, at))
    return compose(evaluator, alternatives, expression, at)


def _is_spelled_out(text: str, field: Field) -> bool:
    """Whether it is `{name=}`, which writes more than the value."""
    return text[field.start : field.end].rstrip("} \t").endswith("=")


def _field(evaluator: Evaluator, value: ast.FormattedValue, field: Field, at: At) -> list[Piece]:
    if value.format_spec is not None or value.conversion not in (-1, ord("s")):
        return [Piece(evaluator.unknown(value.value, at).node.value, None, field.start)]
    texts = all_written(evaluator, value.value, at)
    return [Piece(text.text, None, field.start, text.default_of, text.is_one_of_several) for text in texts]


def added(
    evaluator: Evaluator, sides: Sequence[tuple[Iterable[Thing], ast.expr]], whole: ast.expr, at: At
) -> list[Thing]:
    """What `left + right` stands for, where one side is a text."""
    alternatives = [
        [_piece(text, side, at) for thing in things for text in written(evaluator, thing, side, at)]
        for things, side in sides
    ]
    return compose(evaluator, alternatives, whole, at)


def percent(evaluator: Evaluator, template: Written, right: ast.expr, whole: ast.expr, at: At) -> list[Thing]:
    """What `template % right` stands for."""
    if not isinstance(template.text, str):
        return [evaluator.unknown(whole, at)]
    values = list(right.elts) if isinstance(right, ast.Tuple) else [right]
    alternatives: list[list[Piece]] = []
    start = at.scope.module.syntax.span(whole).start
    end = 0
    for match in _PERCENT.finditer(template.text):
        alternatives.append([Piece(template.text[end : match.start()], None, start)])
        end = match.end()
        if match["kind"] == "%":
            alternatives.append([Piece("%", None, start)])
        elif match["key"] is not None or not values:
            return [evaluator.unknown(whole, at)]
        else:
            alternatives.append(_pieces(evaluator, values.pop(0), at))
    rest = template.text[end:]
    if values or "%" in rest or any(isinstance(value, ast.Starred) for value in values):
        return [evaluator.unknown(whole, at)]
    return compose(evaluator, [*alternatives, [Piece(rest, None, start)]], whole, at)


def by_format(evaluator: Evaluator, template: Written, call: ast.Call, at: At) -> list[Thing]:
    """What `template.format(…)` stands for."""
    start = at.scope.module.syntax.span(call).start
    named = {keyword.arg: keyword.value for keyword in call.keywords if keyword.arg}
    alternatives: list[list[Piece]] = []
    count = 0
    try:
        fields = list(string.Formatter().parse(template.text if isinstance(template.text, str) else "{"))
    except ValueError:
        return [evaluator.unknown(call, at)]
    for literal, name, spec, conversion in fields:
        alternatives.append([Piece(literal, None, start)])
        if name is None:
            continue
        place = count if not name else int(name) if name.isdigit() else -1
        count += 1
        value = call.args[place] if 0 <= place < len(call.args) else named.get(name)
        if spec or conversion or value is None or any(isinstance(value, ast.Starred) for value in call.args):
            return [evaluator.unknown(call, at)]
        alternatives.append(_pieces(evaluator, value, at))
    return compose(evaluator, alternatives, call, at)


def joined(evaluator: Evaluator, separator: Written, items: Items, call: ast.Call, at: At) -> list[Thing]:
    """What `separator.join([…])` stands for."""
    start = at.scope.module.syntax.span(call).start
    alternatives: list[list[Piece]] = []
    for item in items.items:
        if alternatives:
            alternatives.append([Piece(separator.text, None, start)])
        alternatives.append(_pieces(evaluator, item.expression, item.at))
    return compose(evaluator, alternatives, call, at) if items.is_complete else [evaluator.unknown(call, at)]


_CHANGES = frozenset({"lower", "upper", "strip", "lstrip", "rstrip", "replace", "removeprefix", "removesuffix"})


def method(evaluator: Evaluator, text: Written, name: str, call: ast.Call, at: At) -> list[Thing] | None:
    """What a method of a text gives; None for one that is not followed."""
    if name == "format":
        return by_format(evaluator, text, call, at)
    if name == "join" and len(call.args) == 1:
        things = evaluator.things(call.args[0], at)
        is_plain = len(things) == 1 and isinstance(things[0], Items)
        return joined(evaluator, text, things[0], call, at) if is_plain else None  # type: ignore[arg-type]
    if name not in _CHANGES or call.keywords or any(not isinstance(value, ast.Constant) for value in call.args):
        return None
    if not isinstance(text.text, str):
        return [text] if name == "strip" and not call.args else None
    return _changed(text, text.text, call, at)


def _changed(text: Written, before: str, call: ast.Call, at: At) -> list[Thing] | None:
    """What a method without side effects makes of a text that is known."""
    values = [value.value for value in call.args if isinstance(value, ast.Constant)]
    name = call.func.attr if isinstance(call.func, ast.Attribute) else ""
    try:
        after: str = getattr(before, name)(*values)
    except (TypeError, ValueError, MemoryError, OverflowError):
        return None
    if after == before:
        return [text]
    if len(after) > _LONGEST:
        return None
    start, end = at.scope.module.syntax.span(call)
    node = ComputedNode(after, start, end, at.scope.module.syntax.source)
    return [Written(node, (), text.default_of, text.is_one_of_several)]
