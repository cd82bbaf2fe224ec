"""`for`: once for each element, and once for whichever elements where those are not known."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bedrock_policy_lint.frontends.template.computed import Piece
from bedrock_policy_lint.frontends.terraform.access import key_of
from bedrock_policy_lint.frontends.terraform.scope import Inner
from bedrock_policy_lint.frontends.terraform.types import ANY, NUMBER, STRING, Type, unify
from bedrock_policy_lint.frontends.terraform.values import (
    MANY,
    Failed,
    Refused,
    Value,
    a_kind,
    copy,
    is_known,
    is_many,
    is_unsettled,
    kind_of,
    many,
    name_of,
    node_of,
    pairs,
    put,
    shortened,
    spelled,
    text,
    truth,
    type_of,
    unknown,
    within,
)
from bedrock_policy_lint.model.text import Hole, Template
from bedrock_policy_lint.sources.node import Node, Object

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bedrock_policy_lint.frontends.terraform.evaluate import Evaluator
    from bedrock_policy_lint.frontends.terraform.scope import Scope
    from bedrock_policy_lint.sources.hcl_tree import Expression, ForObject, ForPart, ForTuple, Name

MAX_TURNS = 100_000
"""So often may one loop turn."""
_COST = 16
"""What a turn costs, compared to an expression."""


class Turn(NamedTuple):
    """One turn of a loop."""

    scope: Inner
    is_many: bool
    """Whether it stands for any number of turns."""


def entries(evaluator: Evaluator, node: Node) -> list[tuple[Node, Node]]:
    """The keys and values that a loop goes through; those that stand for any number are marked, as the value is."""
    if node.value is None:
        raise Failed(node, "this is null, which cannot be gone through")
    if is_unsettled(node):
        evaluator.doubts += 1
        name = name_of(node)
        return [(unknown(f"{name} key", node), many(unknown(f"{name}{MANY}", node)))]
    if isinstance(node.value, Object):
        return _members(node)
    if type(node.value) is not list:
        raise Failed(node, f"a list, set, map or object is needed here, and this is {a_kind(node)}")
    items: list[Node] = node.value
    if kind_of(node) == "set":
        if not is_known(node):
            items = [many(item) for item in items]
        return [(copy(item, item), item) for item in items]
    found: list[tuple[Node, Node]] = []
    is_counted = True
    for at, item in enumerate(items):
        is_counted = is_counted and not is_many(item)
        index = Value(at, item) if is_counted else unknown(f"{spelled(node)} index {at}", item, NUMBER)
        found.append((index, item))
    return found


def _members(node: Node) -> list[tuple[Node, Node]]:
    found: list[tuple[Node, Node]] = []
    names = [key.value for key in node.value[::2]]
    is_fixed = is_known(node) or not any(isinstance(name, Template) for name in names)
    for key, item in pairs(node):
        is_single = is_fixed and not is_many(key)
        found.append((copy(key, key), item if is_single else many(item)))
    if isinstance(node, Value) and node.is_open:
        name = name_of(node)
        found.append((unknown(f"{name} key", node, STRING), many(unknown(f"{name}{MANY}", node))))
    return found


def _turns(evaluator: Evaluator, collection: Node, names: tuple[Name | None, Name], scope: Scope) -> Iterator[Turn]:
    found = entries(evaluator, collection)
    if len(found) > MAX_TURNS:
        raise Failed(collection, f"a loop turns here more than {MAX_TURNS:,} times")
    evaluator.spend(_COST * len(found), collection)
    depth = getattr(scope, "many", 0)
    for key, item in found:
        loose = is_many(item)
        if loose:
            key, item = copy(key, key), copy(item, item)  # noqa: PLW2901
            if depth:
                # Within another such loop the same name must not stand for the element of that one.
                key, item = _renamed(key, depth), _renamed(item, depth)  # noqa: PLW2901
        given = {names[1].text: item}
        if names[0] is not None:
            given = {names[0].text: key, **given}
        yield Turn(Inner(given, scope, depth + 1 if loose else depth), loose)


def _renamed(node: Node, depth: int) -> Node:
    """The same with other names for elements of which there are any number."""
    mark = f"{MANY}{depth}"

    def rename(node: Node) -> Node:
        own = node.unknown if isinstance(node, Value) else ""
        is_open = isinstance(node, Value) and node.is_open
        type_ = node.type if isinstance(node, Value) else None
        value = node.value
        if isinstance(value, Object):
            found = Value(Object([rename(child) for child in value]), node, type_, unknown=own, is_open=is_open)
        elif isinstance(value, list):
            found = Value([rename(child) for child in value], node, type_, unknown=own)
        elif isinstance(value, Template):
            parts = [_renamed_hole(part, mark) if isinstance(part, Hole) else part for part in value.parts]
            found = text([Piece(part, node) for part in parts], node)
            found.type, found.unknown = type_, own.replace(MANY, mark)
        else:
            return node
        return found.as_many() if is_many(node) else found

    return rename(node)


def _renamed_hole(part: Hole, mark: str) -> Hole:
    name = part.name.replace(MANY, mark)
    name = f"{name} {mark}" if name.endswith((" key", " index 0")) else name
    return part._replace(name=name, written=f"${{{name}}}")


def as_many(node: Node) -> Node:
    """An element that stands for any number of such."""
    return node if is_many(node) else many(node)


def type_of_list(items: list[Node], given: Type | None) -> Type | None:
    """The type of what a splat makes of a list of that type."""
    if given is None or given.kind in ("any", "tuple"):
        return ANY if given == ANY else None
    return Type("list", unify([type_of(item) for item in items]) or ANY)


def for_tuple(evaluator: Evaluator, expression: ForTuple, scope: Scope) -> Node:
    """`[for x in xs : y if z]`."""
    home = node_of(expression)
    collection = evaluator.compute(expression.collection, scope)
    if isinstance(collection, Refused):
        return Refused(home)
    found: list[Node] = []
    names = (expression.key_name, expression.value_name)
    for turn in _turns(evaluator, collection, names, scope):
        holds = _holds(evaluator, expression, turn)
        if holds is not False:
            is_loose = turn.is_many or holds is None
            result = _computed(evaluator, expression.result, turn, is_loose)
            found.append(as_many(result) if is_loose else result)
    return Value(found, home)


def _holds(evaluator: Evaluator, expression: ForTuple | ForObject, turn: Turn) -> bool | None:
    if expression.condition is None:
        return True
    found = _computed(evaluator, expression.condition, turn, turn.is_many)
    try:
        value = truth(found).value
    except Failed:
        if not turn.is_many:
            raise
        evaluator.doubts += 1
        return None
    return value if isinstance(value, bool) else None


def _computed(evaluator: Evaluator, expression: Expression, turn: Turn, is_loose: bool) -> Node:
    """What a part of a loop comes to in a turn; there may be no such turn, and nothing wrong with it then."""
    if is_loose:
        return evaluator.perhaps(expression, turn.scope)
    return evaluator.compute(expression, turn.scope)


def _key(evaluator: Evaluator, node: Node, is_loose: bool) -> Node:
    mark = len(evaluator.faults)
    found = key_of(evaluator, node)
    if is_loose and len(evaluator.faults) > mark:
        del evaluator.faults[mark:]
        evaluator.doubts += 1
    return found


def for_object(evaluator: Evaluator, expression: ForObject, scope: Scope) -> Node:
    """`{for x in xs : y => z if c}`."""
    home = node_of(expression)
    collection = evaluator.compute(expression.collection, scope)
    if isinstance(collection, Refused):
        return Refused(home)
    found: list[tuple[Node, Node, bool]] = []
    names = (expression.key_name, expression.value_name)
    for turn in _turns(evaluator, collection, names, scope):
        holds = _holds(evaluator, expression, turn)
        if holds is not False:
            is_loose = turn.is_many or holds is None
            key = _key(evaluator, _computed(evaluator, expression.key, turn, is_loose), is_loose)
            item = _computed(evaluator, expression.value, turn, is_loose)
            found.append((key, item, is_loose))
    return _grouped(found, home) if expression.groups else _single(evaluator, found, home)


def _single(evaluator: Evaluator, found: list[tuple[Node, Node, bool]], home: Node) -> Node:
    members = Object()
    places: dict[str, int] = {}
    seen: set[str] = set()
    for key, item, is_loose in found:
        if isinstance(key.value, str) and not is_loose:
            if key.value in seen:
                evaluator.fault(key, f"two elements have the key `{key.value}`", "write `...` behind the value")
            seen.add(key.value)
        put(members, many(key) if is_loose else key, item, places)
    return Value(members, home)


def _grouped(found: list[tuple[Node, Node, bool]], home: Node) -> Node:
    if any(is_loose or isinstance(key.value, Template) for key, _, is_loose in found):
        if not found:
            return Value(Object(), home)
        name = shortened(f"groups of {spelled(found[0][1])}")
        group = Value([as_many(item) for _, item, _ in found], home)
        return Value(Object([unknown(f"{name} key", home, STRING).as_many(), group]), home)
    groups: dict[str, list[Node]] = {}
    keys: dict[str, Node] = {}
    for key, item, _ in found:
        keys.setdefault(key.value, key)
        groups.setdefault(key.value, []).append(item)
    members = Object()
    for name, items in groups.items():
        members += [keys[name], Value(list(items), home)]
    return Value(members, home)


def excuse(evaluator: Evaluator, mark: int) -> None:
    """Drop the faults of what is perhaps never computed."""
    from bedrock_policy_lint.frontends.terraform.evaluate import Static

    evaluator.faults[mark:] = [fault for fault in evaluator.faults[mark:] if isinstance(fault, Static)]
    evaluator.doubts += 1


def for_part(evaluator: Evaluator, part: ForPart, scope: Scope, home: Node) -> Iterable[Piece]:
    """`%{ for x in xs } … %{ endfor }`."""
    from bedrock_policy_lint.frontends.terraform.evaluate import parts_of

    place = node_of(part)
    collection = evaluator.compute(part.collection, scope)
    pieces: list[Piece] = []
    names = (part.key_name, part.value_name)
    is_settled = not isinstance(collection, Refused)
    for turn in _turns(evaluator, collection, names, scope) if is_settled else ():
        mark = len(evaluator.faults)
        pieces += parts_of(evaluator, part.parts, turn.scope, home) or ()
        if turn.is_many and len(evaluator.faults) > mark:
            excuse(evaluator, mark)
        is_settled = is_settled and not turn.is_many
        evaluator.spend(len(pieces) // 8, home)
    if is_settled:
        return pieces
    name = shortened(f"for {place.start} {spelled(collection)}")
    return within(unknown(name, place, STRING), home, place)


__all__ = ["as_many", "entries", "for_object", "for_part", "for_tuple", "is_many", "type_of_list"]
