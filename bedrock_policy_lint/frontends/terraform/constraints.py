"""The types that variables are declared with, and the defaults inside them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from bedrock_policy_lint.frontends.terraform.types import ANY, BOOL, NUMBER, STRING, Type, object_of
from bedrock_policy_lint.frontends.terraform.values import Value, is_known, is_many, look, plain
from bedrock_policy_lint.sources import hcl_tree as tree
from bedrock_policy_lint.sources.node import Node, Object

if TYPE_CHECKING:
    from collections.abc import Callable

    Compute = Callable[[tree.Expression], Node]

_SCALARS = {"string": STRING, "number": NUMBER, "bool": BOOL, "any": ANY}
_OF_ALL = ("list", "set", "map")
ELEMENTS = "[*]"


class Shape(NamedTuple):
    """A type with what its optional members default to."""

    type: Type = ANY
    defaults: Mapping[str, tree.Expression] = {}
    inner: Mapping[str, Shape] = {}
    """Of members, and of elements under `ELEMENTS`, where those have defaults."""

    @property
    def has_defaults(self) -> bool:
        """Whether anything in it has."""
        return bool(self.defaults or self.inner)


_MOST_MEMBERS = 1_000
"""Of an object with more nothing is understood."""


def shape_of(expression: tree.Expression | None) -> Shape:
    """The type that a constraint stands for; any where it says nothing that is understood."""
    if isinstance(expression, tree.Variable | tree.Literal):
        word = expression.name if isinstance(expression, tree.Variable) else str(expression.value)
        return Shape(Type(word, ANY) if word in _OF_ALL else _SCALARS.get(word, ANY))
    return _made(expression)


def _made(expression: tree.Expression | None) -> Shape:
    """A type that is made of others."""
    if not isinstance(expression, tree.Call) or not expression.arguments:
        return Shape()
    kind, argument = expression.name.text, expression.arguments[0]
    if kind in _OF_ALL:
        inner = shape_of(argument)
        return Shape(Type(kind, inner.type), {}, {ELEMENTS: inner} if inner.has_defaults else {})
    if kind == "tuple" and isinstance(argument, tree.Tuple):
        return Shape(Type("tuple", items=tuple(shape_of(item).type for item in argument.items)))
    if kind == "object" and isinstance(argument, tree.ObjectCons):
        return _object(argument)
    return shape_of(argument) if kind == "optional" else Shape()


def _object(written: tree.ObjectCons) -> Shape:
    if len(written.items) > _MOST_MEMBERS:
        return Shape()
    members: list[tuple[str, Type]] = []
    optional: set[str] = set()
    defaults: dict[str, tree.Expression] = {}
    inner: dict[str, Shape] = {}
    for item in written.items:
        name = tree.plain_text(item.key)
        if name is None:
            return Shape()
        shape = shape_of(item.value)
        members.append((name, shape.type))
        if isinstance(item.value, tree.Call) and item.value.name.text == "optional":
            optional.add(name)
            if len(item.value.arguments) > 1:
                defaults[name] = item.value.arguments[1]
        if shape.has_defaults:
            inner[name] = shape
    return Shape(object_of(dict(members).items(), frozenset(optional)), defaults, inner)


def filled(node: Node, shape: Shape, compute: Compute) -> Node:
    """A value with the defaults of what it leaves out."""
    value = node.value
    if not shape.has_defaults or not isinstance(value, list):
        return node
    if ELEMENTS in shape.inner:
        return _with_elements(node, shape.inner[ELEMENTS], compute)
    if not isinstance(value, Object) or shape.type.kind != "object":
        return node
    members = Object()
    for key, item in value.pairs():
        found = item
        if item.value is None and key.value in shape.defaults:
            found = compute(shape.defaults[key.value])
        inner = shape.inner.get(key.value) if isinstance(key.value, str) else None
        members += [key, filled(found, inner, compute) if inner is not None else found]
    for name, expression in shape.defaults.items():
        sight = look(node, name)
        if sight.is_certain and not sight.nodes:
            found = compute(expression)
            inner = shape.inner.get(name)
            members += [plain(name, node), filled(found, inner, compute) if inner is not None else found]
    return _like(node, members)


def _with_elements(node: Node, shape: Shape, compute: Compute) -> Node:
    if isinstance(node.value, Object):
        members = Object()
        for key, item in node.value.pairs():
            members += [key, filled(item, shape, compute)]
        return _like(node, members)
    items = []
    for item in node.value:
        found = filled(item, shape, compute)
        is_loose = is_many(item) and isinstance(found, Value) and not found.many
        items.append(found.as_many() if is_loose and isinstance(found, Value) else found)
    return _like(node, items)


def _like(node: Node, value: list[Node]) -> Value:
    name = node.unknown if isinstance(node, Value) else ""
    is_open = isinstance(node, Value) and node.is_open
    is_set = isinstance(node, Value) and node.type is not None and node.type.kind == "set"
    type_ = Type("set", ANY) if is_set and not is_known(node) else None
    return Value(value, node, type_, unknown=name, is_open=is_open)
