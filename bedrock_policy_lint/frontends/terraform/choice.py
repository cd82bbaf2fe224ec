"""A value that is one of several, and which is not known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.frontends.terraform.types import ANY, PRIMITIVE, Type
from bedrock_policy_lint.frontends.terraform.values import (
    Refused,
    Value,
    copy,
    equal,
    is_known,
    is_many,
    kind_of,
    many,
    spell_scalar,
    type_of,
    unknown,
)
from bedrock_policy_lint.model.text import Hole, Template
from bedrock_policy_lint.sources.node import Node, Object

if TYPE_CHECKING:
    from collections.abc import Sequence

_MOST = 64
"""What can come out in more ways is just not known."""


def either(nodes: Sequence[Node], name: str, home: Node) -> Node:  # noqa: PLR0911
    """One of these values; what they have in common is known."""
    first = nodes[0]
    if len(nodes) == 1:
        return _single(first)
    if any(isinstance(node, Refused) for node in nodes) or len(nodes) > _MOST:
        return unknown(name, home)
    if all(equal(first, node) for node in nodes[1:]):
        return _single(first)
    types = [type_of(node) for node in nodes]
    same = types[0] if all(one == types[0] for one in types) else ANY
    if same.kind in PRIMITIVE:
        return unknown(name, home, same, _closed(nodes))
    if any(node.value is None for node in nodes) or len({_shape(node) for node in nodes}) > 1:
        return unknown(name, home)
    if isinstance(first.value, Object):
        return _object(nodes, name, home)
    return _list(nodes, name, home) if isinstance(first.value, list) else unknown(name, home, same)


def _single(node: Node) -> Node:
    if not is_many(node):
        return node
    return copy(node, node)


def _shape(node: Node) -> str:
    kind = kind_of(node)
    return kind if isinstance(node.value, list) else f"a {kind}"


def _closed(nodes: Sequence[Node]) -> tuple[str, ...]:
    """The texts that can come out, if all of them are known."""
    found: dict[str, None] = {}
    for node in nodes:
        value = node.value
        part = value.parts[0] if isinstance(value, Template) and len(value.parts) == 1 else None
        if isinstance(part, Hole) and part.values:
            found.update(dict.fromkeys(part.values))
        elif isinstance(value, Template) or value is None:
            return ()
        else:
            found[value if isinstance(value, str) else spell_scalar(value)] = None
    return tuple(found) if len(found) <= _MOST else ()


def _list(nodes: Sequence[Node], name: str, home: Node) -> Node:
    own = {node.type if isinstance(node, Value) else None for node in nodes}
    type_ = own.pop() if len(own) == 1 else _loose_type(nodes)
    lengths = {len(node.value) for node in nodes}
    is_even = len(lengths) == 1 and not any(is_many(item) for node in nodes for item in node.value)
    if is_even and kind_of(nodes[0]) != "set":
        columns = zip(*(node.value for node in nodes), strict=True)
        items = [either(column, f"{name}[{at}]", home) for at, column in enumerate(columns)]
        return Value(items, home, type_, unknown=name)
    found: list[Node] = []
    for node in nodes:
        for item in node.value:
            if not (is_known(item) and any(is_known(one) and equal(item, one) for one in found[-_MOST:])):
                found.append(item)
    items = [many(item) for item in found]
    return Value(items, home, type_, unknown=name)


def _loose_type(nodes: Sequence[Node]) -> Type | None:
    kind = kind_of(nodes[0])
    return None if kind == "tuple" else Type(kind, ANY)


def _object(nodes: Sequence[Node], name: str, home: Node) -> Node:
    own = {node.type if isinstance(node, Value) else None for node in nodes}
    type_ = own.pop() if len(own) == 1 else None
    if any(isinstance(node, Value) and node.is_open for node in nodes):
        return unknown(name, home)
    keys: dict[str, Node] = {}
    found: dict[str, list[Node]] = {}
    for node in nodes:
        for key, item in node.value.pairs():
            if isinstance(key.value, Template):
                return unknown(name, home)
            keys.setdefault(key.value, key)
            found.setdefault(key.value, []).append(item)
    members = Object()
    for key, items in found.items():
        is_certain = len(items) == len(nodes) and not any(
            is_many(one) for node in nodes for one in node.value[::2] if one.value == key
        )
        members += [keys[key] if is_certain else many(keys[key]), either(items, f"{name}.{key}", home)]
    return Value(members, home, type_, unknown=name)
