"""The intrinsic functions of CloudFormation: an expression becomes its value, or a hole where that is not known."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bedrock_policy_lint.frontends.template import conditions
from bedrock_policy_lint.frontends.template.computed import (
    BEHIND,
    MASK,
    Computed,
    Piece,
    cut,
    masked,
    moved,
    parts_at,
    pieces_of,
    text_node,
    text_of,
    unknown_node,
    written,
)
from bedrock_policy_lint.frontends.template.evaluate import PER_PIECE
from bedrock_policy_lint.frontends.template.loops import variable
from bedrock_policy_lint.frontends.template.outline import direct
from bedrock_policy_lint.model.text import Hole, Template, Text, only_hole
from bedrock_policy_lint.sources.node import Node, Object

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from bedrock_policy_lint.frontends.template.evaluate import Evaluator
    from bedrock_policy_lint.frontends.template.loops import Scope

    Function = Callable[[Evaluator, Node, Node, Scope], Node | None]

_MOST_VALUES = 64
"""A look-up in a mapping that can come out in more ways is just not known."""
_variable = re.compile(r"(?P<mark>[$&])\{(?P<literal>!?)(?P<name>[^{}]*)\}").finditer
_is_policy_variable = re.compile(r"(?:aws|saml|s3|iam|ec2|cognito-identity|[a-z.-]+\.[a-z]+):[^:]", re.IGNORECASE).match


def _list(evaluator: Evaluator, node: Node, scope: Scope) -> list[Node] | None:
    """The elements of a list argument, computed; None when it is not known or no list."""
    found = evaluator.compute(node, scope)
    return found.value if found is not None and type(found.value) is list else None


def _unknown(evaluator: Evaluator, node: Node, scope: Scope) -> Node:
    return unknown_node(evaluator.spell(node, scope), node)


def _wrong(evaluator: Evaluator, node: Node, argument: Node, scope: Scope, takes: str) -> Node:
    """A function whose arguments have the wrong form."""
    evaluator.fault(argument, f"`{node.value[0].value}` takes {takes}")
    return _unknown(evaluator, node, scope)


def _arguments(argument: Node, *counts: int) -> list[Node] | None:
    items = argument.value if type(argument.value) is list else None
    return items if items is not None and len(items) in counts else None


def ref(evaluator: Evaluator, node: Node, argument: Node, scope: Scope) -> Node | None:
    """The value of a parameter, or what names a resource."""
    name = evaluator.name(argument, scope)
    if name is None:
        return _wrong(evaluator, node, argument, scope, "the name of a parameter or resource")
    if isinstance(name, Template):
        return _unknown(evaluator, node, scope)
    return evaluator.named(name, argument, scope)


def get_att(evaluator: Evaluator, node: Node, argument: Node, scope: Scope) -> Node:
    """An attribute of a resource."""
    takes = "a resource and an attribute, `Resource.Attribute`"
    if type(argument.value) is list:
        texts = [evaluator.text(item, scope) for item in argument.value]
        if len(texts) < 2 or None in texts:
            return _wrong(evaluator, node, argument, scope, takes)
        if any(isinstance(text, Template) for text in texts):
            return _unknown(evaluator, node, scope)
        return evaluator.got(str(texts[0]), ".".join(str(text) for text in texts[1:]), node)
    whole = evaluator.text(argument, scope)
    if isinstance(whole, Template):
        return _unknown(evaluator, node, scope)
    logical, dot, name = (whole or "").partition(".")
    if not dot or not name:
        return _wrong(evaluator, node, argument, scope, takes)
    return evaluator.got(logical, name, argument)


def sub(evaluator: Evaluator, node: Node, argument: Node, scope: Scope) -> Node:
    """A text with its variables replaced; each character keeps its place."""
    template, given = argument, Object()
    parts = _arguments(argument, 2)
    if parts is not None:
        template, values = parts
        if isinstance(values.value, Object):
            given = values.value
        else:
            evaluator.fault(values, "the second argument of `Fn::Sub` is a mapping of names to values")
    if not isinstance(template.value, str):
        brought = evaluator.compute(template, scope) if isinstance(template.value, Object) else None
        if brought is not None and isinstance(brought.value, Template):
            return _unknown(evaluator, node, scope)
        return _wrong(evaluator, node, argument, scope, "a text, or a list of a text and a mapping")
    text: str = template.value
    if "{" not in text:
        return template
    pieces: list[Piece] = []
    offsets: Sequence[int] = ()
    at = 0
    for match in _variable(text):
        mark = evaluator.mark()
        found = _replaced(evaluator, template, match, given, scope)
        if evaluator.mark() > mark:
            offsets = offsets or template.offsets()
            place = Node(match[0], offsets[match.start()], offsets[match.end()], template.source)
            evaluator.move_faults(mark, template, place)
        if found is not None:
            pieces += [Piece(text[at : match.start()], template, at), *found]
            at = match.end()
            if not evaluator.spend(len(found) * PER_PIECE, template):
                return _unknown(evaluator, node, scope)
    computed = evaluator.made((*pieces, Piece(text[at:], template, at)), template)
    return template if computed.value == text else computed


def _replaced(
    evaluator: Evaluator, template: Node, match: re.Match[str], given: Object, scope: Scope
) -> tuple[Piece, ...] | None:
    """What stands for one variable; None when it is no variable."""
    start, end = match.span()
    name = match["name"].strip()
    if match["mark"] == "&":
        value = variable("&", name, scope)
        return None if value is None else parts_at(value, template, start, end)
    if match["literal"]:
        return Piece("${", template, start), Piece(match["name"] + "}", template, start + 3)
    raw = given.get(name)
    if raw is None and _is_policy_variable(name) and not name.startswith("AWS::"):
        message = f"`Fn::Sub` takes `${{{name}}}` for a variable of the template"
        evaluator.fault(template, message, f"write `${{!{name}}}` to leave it to IAM")
        return None
    found = evaluator.compute(raw, scope) if raw is not None else _named(evaluator, template, name, scope)
    text = _joined(found)
    if text is None:
        evaluator.fault(template, f"`{name}` is not a text, so that `Fn::Sub` cannot put it into one")
        text = unknown_node(name, template).value
    hole = only_hole(text)
    if hole is not None and hole.written == match[0]:
        return (Piece(hole, template, start),)
    return parts_at(text or "", template, start, end)


def _named(evaluator: Evaluator, template: Node, name: str, scope: Scope) -> Node | None:
    logical, dot, attribute = name.partition(".")
    if dot and variable("$", name, scope) is None:
        return evaluator.got(logical, attribute, template)
    return evaluator.named(name, template, scope)


def _joined(node: Node | None) -> Text | None:
    """The text of a value inside a text: a list reads as its elements with commas."""
    if node is None:
        return None
    if type(node.value) is list:
        pieces = [piece for item in node.value for piece in (Piece(",", node), *pieces_of(item))][1:]
        value: Text = text_node(pieces, node).value
        return value
    return text_of(node)


def join(evaluator: Evaluator, node: Node, argument: Node, scope: Scope) -> Node:
    """Texts put together, each at its own place."""
    parts = _arguments(argument, 2)
    if parts is None:
        return _wrong(evaluator, node, argument, scope, "a delimiter and a list")
    delimiter = evaluator.compute(parts[0], scope)
    values = evaluator.compute(parts[1], scope)
    if values is None or delimiter is None or text_of(delimiter) is None:
        return _wrong(evaluator, node, argument, scope, "a delimiter and a list")
    if isinstance(values.value, Template):
        return _unknown(evaluator, node, scope)
    if type(values.value) is not list:
        return _wrong(evaluator, node, parts[1], scope, "a delimiter and a list")
    return _put_together(evaluator, node, delimiter, values.value) or _unknown(evaluator, node, scope)


def _put_together(evaluator: Evaluator, node: Node, delimiter: Node, items: list[Node]) -> Node | None:
    between = [piece.part for piece in pieces_of(delimiter)]
    pieces: list[Piece] = []
    before: Node | None = None
    for item in items:
        if text_of(item) is None:
            evaluator.fault(item, "`Fn::Join` puts texts together, and this is none")
            return None
        found = pieces_of(item)
        if not evaluator.spend(len(found) * PER_PIECE, node):
            return None
        if before is not None:
            pieces += [Piece(part, before, BEHIND) for part in between]
        pieces += found
        before = item
    return evaluator.made(pieces, node)


def select(evaluator: Evaluator, node: Node, argument: Node, scope: Scope) -> Node:
    """One element of a list."""
    parts = _arguments(argument, 2)
    if parts is None:
        return _wrong(evaluator, node, argument, scope, "an index and a list")
    index = evaluator.text(parts[0], scope)
    items = evaluator.compute(parts[1], scope)
    if isinstance(index, str) and not index.isdecimal():
        return _wrong(evaluator, node, parts[0], scope, "an index that is a number from 0 on")
    if index is None or items is None or isinstance(items.value, Template):
        return _unknown(evaluator, node, scope)
    if type(items.value) is not list:
        return _wrong(evaluator, node, parts[1], scope, "an index and a list")
    if isinstance(index, Template):
        return _one_of(evaluator, node, items.value, scope)
    return _element(evaluator, node, parts[0], index, items.value) or _unknown(evaluator, node, scope)


def _element(evaluator: Evaluator, node: Node, place: Node, index: str, items: list[Node]) -> Node | None:
    if len(index) > 9 or int(index) >= len(items):
        evaluator.fault(place, f"the list has no element {index[:9]}: it has {len(items)}, counted from 0")
        return None
    item = items[int(index)]
    return item if text_of(item) is None else text_node(pieces_of(item), node)


def _one_of(evaluator: Evaluator, node: Node, found: list[Node], scope: Scope) -> Node:
    """A value that is one of these, and which is not known."""
    texts = dict.fromkeys(text_of(item) for item in found)
    values = tuple(text for text in texts if isinstance(text, str))
    if len(values) < len(texts) or len(values) > _MOST_VALUES:
        return _unknown(evaluator, node, scope)
    if len(values) == 1:
        return text_node((Piece(values[0], node),), node)
    return unknown_node(evaluator.spell(node, scope), node, values)


def split(evaluator: Evaluator, node: Node, argument: Node, scope: Scope) -> Node:
    """A text taken apart where a separator stands in what is known of it."""
    parts = _arguments(argument, 2)
    if parts is None:
        return _wrong(evaluator, node, argument, scope, "a delimiter and a text")
    separator = evaluator.text(parts[0], scope)
    source = evaluator.compute(parts[1], scope)
    if source is None or text_of(source) is None or separator is None or separator == "":
        return _wrong(evaluator, node, argument, scope, "a delimiter and a text")
    pieces = pieces_of(source)
    ends = list(_separators(pieces, separator)) if isinstance(separator, str) else []
    if isinstance(separator, Template) or (not ends and isinstance(source.value, Template)):
        return _unknown(evaluator, node, scope)
    if not evaluator.spend((len(ends) + len(pieces)) * PER_PIECE, node):
        return _unknown(evaluator, node, scope)
    fields: list[Node] = []
    at = 0
    for end in (*ends, sum(len(written(piece.part)) for piece in pieces)):
        fields.append(text_node(cut(pieces, at, end), node))
        at = end + len(separator)
    return Computed(fields, node)


def _separators(pieces: tuple[Piece, ...], separator: str) -> Iterator[int]:
    """Where a separator stands in the literal parts of a text."""
    # Neighbouring literals are one: a separator may reach over the seam.
    spelled = masked(pieces)
    at = -1 if MASK in separator else spelled.find(separator)
    while at >= 0:
        yield at
        at = spelled.find(separator, at + len(separator))


def choose(evaluator: Evaluator, node: Node, argument: Node, scope: Scope) -> Node | None:
    """The branch that the condition picks."""
    parts = _arguments(argument, 3)
    if parts is None:
        return _wrong(evaluator, node, argument, scope, "a condition and two values")
    name, first, second = parts
    if isinstance(name.value, Object):
        is_first = conditions.decide(evaluator, name, scope)
    else:
        text = evaluator.name(name, scope)
        if not isinstance(text, str):
            return _wrong(evaluator, node, name, scope, "the name of a condition first")
        is_first = conditions.holds(evaluator, text, name)
    return evaluator.compute(first if is_first else second, scope)


def find_in_map(evaluator: Evaluator, node: Node, argument: Node, scope: Scope) -> Node:
    """A value of a mapping; with a key that is not known, one of those that it can be."""
    parts = _arguments(argument, 3, 4)
    if parts is None:
        return _wrong(evaluator, node, argument, scope, "a mapping and two keys")
    for part in parts[1:3]:
        _ask_for_key(evaluator, part)
    name, *keys = [evaluator.name(part, scope) for part in parts[:3]]
    if name is None or None in keys:
        return _wrong(evaluator, node, argument, scope, "a mapping and two keys, all of them texts")
    default = _default(evaluator, parts, scope)
    mapping = None if isinstance(name, Template) else evaluator.outline.mappings.get(name)
    if mapping is not None:
        return _found(evaluator, node, parts, keys, mapping, default, scope)
    if isinstance(name, str) and default is None and not evaluator.outline.is_open:
        known = evaluator.outline.mappings
        evaluator.fault(parts[0], f"the template has no mapping `{name}`", evaluator.nearest(name, known))
    return _unknown(evaluator, node, scope) if default is None or isinstance(name, Template) else default


def _found(
    evaluator: Evaluator,
    node: Node,
    parts: list[Node],
    keys: list[Text | None],
    mapping: Node,
    default: Node | None,
    scope: Scope,
) -> Node:
    rows = _rows(mapping, keys[0])
    cells = [cell for row in rows for cell in _rows(row, keys[1])]
    if _is_open(mapping) or any(_is_open(row) for row in rows):
        return _unknown(evaluator, node, scope)
    is_certain = not any(isinstance(key, Template) for key in keys)
    if cells and is_certain:
        return moved(cells[0], node)
    if cells:
        return _one_of(evaluator, node, [*cells, *([default] if default else [])], scope)
    if default is None and is_certain:
        _missing(evaluator, parts, keys, mapping, rows)
    return default or _unknown(evaluator, node, scope)


def _ask_for_key(evaluator: Evaluator, part: Node) -> None:
    """A parameter with a closed set of values that picks from a mapping is a question as one in a condition is."""
    name = direct(part)
    declared = evaluator.outline.parameters.get(name)
    if declared is not None and declared.allowed and evaluator.given(name).because == "default":
        evaluator.ask(name)


def _default(evaluator: Evaluator, parts: list[Node], scope: Scope) -> Node | None:
    last = parts[3] if len(parts) > 3 else None
    raw = last.get("DefaultValue") if last is not None else None
    return evaluator.compute(raw, scope) if raw is not None else None


def _rows(mapping: Node, key: Text | None) -> list[Node]:
    """What a mapping holds under a key; under every key that it can be when that is not known."""
    if not isinstance(mapping.value, Object):
        return []
    if isinstance(key, Template):
        hole = only_hole(key)
        names = hole.values if hole is not None else ()
        return [value for name, value in mapping.value.pairs() if not names or name.value in names]
    found = mapping.value.get(key or "")
    return [] if found is None else [found]


def _is_open(mapping: Node) -> bool:
    return isinstance(mapping.value, Object) and any(key.value == "Fn::Transform" for key in mapping.value[::2])


def _missing(evaluator: Evaluator, parts: list[Node], keys: list[Text | None], mapping: Node, rows: list[Node]) -> None:
    at = 1 if rows else 0
    where = rows[0] if rows else mapping
    known = [str(key.value) for key in where.value[::2]] if isinstance(where.value, Object) else []
    message = f"the mapping `{parts[0].value}` has no key `{keys[at]}`"
    evaluator.fault(parts[at + 1], message, evaluator.nearest(str(keys[at]), known))


def import_value(evaluator: Evaluator, node: Node, argument: Node, scope: Scope) -> Node:
    """What another stack exports."""
    name = evaluator.text(argument, scope)
    if name is None:
        return _wrong(evaluator, node, argument, scope, "the name of an export")
    return unknown_node(f"ImportValue {name}", node)


def base64(evaluator: Evaluator, node: Node, argument: Node, scope: Scope) -> Node:
    """A text in Base64."""
    from base64 import b64encode

    text = evaluator.text(argument, scope)
    if not isinstance(text, str):
        return _unknown(evaluator, node, scope)
    encoded = b64encode(text.encode("utf-8", "surrogatepass")).decode("ascii")
    return evaluator.made((Piece(encoded, node),), node)


def opaque(evaluator: Evaluator, node: Node, argument: Node, scope: Scope) -> Node:
    """What nobody can tell before deployment; its arguments are looked at for what is wrong with them."""
    if node.value[0].value != "Fn::Transform":
        evaluator.compute(argument, scope)
    return _unknown(evaluator, node, scope)


def to_json(evaluator: Evaluator, node: Node, argument: Node, scope: Scope) -> Node:
    """A tree as JSON text, which keeps the tree."""
    inner = evaluator.compute(argument, scope)
    if inner is None or not isinstance(inner.value, list):
        return _unknown(evaluator, node, scope)
    pieces: list[Piece] = []
    _dump(inner, node, pieces)
    found = evaluator.made(pieces, node)
    found.inner = inner
    return found


def _dump(node: Node, home: Node, pieces: list[Piece]) -> None:
    import json

    value = node.value
    if isinstance(value, Object):
        for at, (key, item) in enumerate(value.pairs()):
            pieces.append(Piece("," if at else "{", home))
            _dump(key, home, pieces)
            pieces.append(Piece(":", home))
            _dump(item, home, pieces)
        pieces.append(Piece("}" if value else "{}", home))
    elif isinstance(value, list):
        pieces.append(Piece("[", home))
        for at, item in enumerate(value):
            pieces.extend([Piece(",", home)] if at else [])
            _dump(item, home, pieces)
        pieces.append(Piece("]", home))
    elif isinstance(value, Template):
        pieces.append(Piece('"', home))
        pieces += [
            Piece(part if isinstance(part, Hole) else json.dumps(part, ensure_ascii=False)[1:-1], home)
            for part in value.parts
        ]
        pieces.append(Piece('"', home))
    else:
        pieces.append(Piece(json.dumps(value, ensure_ascii=False), home))


def length(evaluator: Evaluator, node: Node, argument: Node, scope: Scope) -> Node:
    """How many elements a list has."""
    items = _list(evaluator, argument, scope)
    return _unknown(evaluator, node, scope) if items is None else Computed(len(items), node)


def loop(evaluator: Evaluator, node: Node, argument: Node, scope: Scope) -> Node:
    """`Fn::ForEach` without the name of its loop."""
    return _wrong(evaluator, node, argument, scope, "a name behind it, as in `Fn::ForEach::Name`")


def only_in_conditions(evaluator: Evaluator, node: Node, argument: Node, scope: Scope) -> Node:
    """A function that has its meaning in `Conditions` or `Rules` alone."""
    evaluator.fault(node.value[0], f"`{node.value[0].value}` can stand in `Conditions` or `Rules` only")
    return _unknown(evaluator, node, scope)


FUNCTIONS: dict[str, Function] = {
    "Ref": ref,
    "Fn::GetAtt": get_att,
    "Fn::Sub": sub,
    "Fn::Join": join,
    "Fn::Select": select,
    "Fn::Split": split,
    "Fn::If": choose,
    "Fn::FindInMap": find_in_map,
    "Fn::ImportValue": import_value,
    "Fn::Base64": base64,
    "Fn::GetAZs": opaque,
    "Fn::Cidr": opaque,
    "Fn::GetStackOutput": opaque,
    "Fn::Transform": opaque,
    "Fn::ToJsonString": to_json,
    "Fn::Length": length,
    "Fn::ForEach": loop,
    **dict.fromkeys(("Fn::Equals", "Fn::And", "Fn::Or", "Fn::Not"), only_in_conditions),
}
"""By the name that stands as the only member of a mapping."""
