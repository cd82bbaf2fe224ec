"""Parts of values: attributes, elements, and what a splat goes through."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.frontends.terraform.choice import either
from bedrock_policy_lint.frontends.terraform.types import ANY, NUMBER, STRING, Type
from bedrock_policy_lint.frontends.terraform.values import (
    MANY,
    Failed,
    Refused,
    Value,
    a_kind,
    convert,
    is_known,
    is_many,
    is_unsettled,
    kind_of,
    look,
    many,
    name_of,
    spelled,
    unknown,
)
from bedrock_policy_lint.model.text import Template
from bedrock_policy_lint.sources.node import Node, Object

if TYPE_CHECKING:
    from bedrock_policy_lint.frontends.terraform.evaluate import Evaluator


def attribute(evaluator: Evaluator, node: Node, name: str, place: Node) -> Node:
    """A member of an object by a name that is written."""
    if isinstance(node, Refused):
        return node
    if is_unsettled(node):
        evaluator.doubts += 1
        return unknown(f"{name_of(node)}.{name}", place)
    if not isinstance(node.value, Object):
        raise Failed(place, f"only an object has attributes such as `{name}`, and this is {a_kind(node)}")
    return member(evaluator, node, name, f"{name_of(node)}.{name}", place)


def member(evaluator: Evaluator, node: Node, name: str, full: str, place: Node) -> Node:
    """What an object has under a name."""
    found, is_certain = look(node, name)
    if found and is_certain:
        return either(list(found), full, place)
    if is_certain:
        names = [key.value for key in node.value[::2] if isinstance(key.value, str)]
        message = f"the object has no attribute `{name}`"
        raise Failed(place, message, evaluator.nearest(name, names))
    evaluator.doubts += 1
    return unknown(full, place, _inner(node))


def _inner(node: Node) -> Type:
    type_ = node.type if isinstance(node, Value) else None
    return type_.inner if type_ is not None and type_.inner is not None else ANY


def element(evaluator: Evaluator, subject: Node, key: Node, place: Node) -> Node:
    """What stands in a collection at an index or key."""
    if isinstance(subject, Refused) or isinstance(key, Refused):
        return Refused(place)
    full = f"{name_of(subject)}[{spelled(key)}]"
    if key.value is None:
        raise Failed(key, "an index cannot be null")
    if is_unsettled(subject):
        evaluator.doubts += 1
        return unknown(full, place)
    if isinstance(subject.value, Object):
        return _of_object(evaluator, subject, convert(key, STRING), full, place)
    if type(subject.value) is not list or kind_of(subject) == "set":
        raise Failed(place, f"{a_kind(subject)} cannot be indexed")
    index = convert(key, NUMBER).value
    if isinstance(index, Template):
        evaluator.doubts += 1
        return either(subject.value, full, place) if subject.value else unknown(full, place)
    return at_index(evaluator, subject, index, full, place)


def _indices(length: int) -> str:
    """Which indices a list of some length has, in words."""
    if length == 0:
        return "it is empty"
    return "its only one is 0" if length == 1 else f"its indices are 0 to {length - 1}"


def at_index(evaluator: Evaluator, subject: Node, index: int | float, full: str, place: Node) -> Node:
    """The element of a list at an index that is known."""
    items: list[Node] = subject.value
    if not isinstance(index, int) or index < 0:
        raise Failed(place, "an index must be a whole number, 0 or greater")
    certain = next((at for at, item in enumerate(items) if is_many(item)), len(items))
    if index < certain:
        return items[index]
    if certain == len(items):
        raise Failed(place, f"the list has no index {index}: {_indices(len(items))}")
    evaluator.doubts += 1
    return unknown(full, place, _inner(subject))


def _of_object(evaluator: Evaluator, subject: Node, key: Node, full: str, place: Node) -> Node:
    if isinstance(key.value, str):
        return member(evaluator, subject, key.value, full, place)
    evaluator.doubts += 1
    if isinstance(subject, Value) and (subject.is_open or not is_known(subject)):
        return unknown(full, place, _inner(subject))
    return among(subject, key.value, full, place)


def among(subject: Node, key: Template, full: str, place: Node) -> Node:
    """What a known object can have under a key that is not known."""
    from bedrock_policy_lint.frontends.terraform.values import can_read

    found = [item for name, item in subject.value.pairs() if can_read(key, name.value)]
    return either(found, full, place) if found else unknown(full, place)


def splat_items(evaluator: Evaluator, node: Node) -> tuple[list[Node], Type | None]:
    """The elements that a splat goes through, and the type of the list if that is one."""
    if node.value is None:
        return [], None
    if is_unsettled(node):
        evaluator.doubts += 1
        return [many(unknown(f"{name_of(node)}{MANY}", node))], None
    if type(node.value) is not list:
        return ([node] if is_known(node) or not _is_nullable(node) else [many(node)]), None
    items: list[Node] = node.value
    if kind_of(node) == "set" and not is_known(node):
        items = [item if is_many(item) else many(item) for item in items]
    return items, node.type if isinstance(node, Value) else None


def _is_nullable(node: Node) -> bool:
    return isinstance(node, Value) and bool(node.unknown) and not node.is_open


def key_of(evaluator: Evaluator, node: Node) -> Node:
    """A value as the name of a member."""
    try:
        found = convert(node, STRING)
        if found.value is None:
            raise Failed(node, "a key cannot be null")
    except Failed as failure:
        evaluator.failed(failure)
        return Refused(node)
    return found
