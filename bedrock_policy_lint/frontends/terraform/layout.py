"""The nodes of a file by which places in it are named: resources, arguments, and what is written out in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bedrock_policy_lint.frontends.terraform.module import is_json, name_node
from bedrock_policy_lint.sources import hcl_tree as tree
from bedrock_policy_lint.sources.node import Node, Object

if TYPE_CHECKING:
    from collections.abc import Callable

_PREFIXES = {"resource": "", "variable": "var.", "locals": "local"}
_ENCODE = ("jsonencode", "yamlencode")


class _Layout(Node):
    """The tree of a file, made when somebody looks into it: nobody does where nothing is found."""

    __slots__ = ("_made_of",)

    def __init__(self, body: tree.Body) -> None:
        self.start, self.end, self.source = body.start, body.end, body.source
        self._made_of = body

    def __getattr__(self, name: str) -> Any:
        if name != "value":
            raise AttributeError(name)
        self.value = Object(_body(self._made_of, 0, _top))
        return self.value


def layout(body: tree.Body) -> Node:
    """The tree of a file; of JSON just its whole."""
    return Node(Object(), body.start, body.end, body.source) if is_json(body.source) else _Layout(body)


def _top(block: tree.Block) -> str:
    """How a block at the top of a file is called."""
    prefix = _PREFIXES.get(block.type.text, f"{block.type.text}.")
    return (prefix + ".".join(label.text for label in block.labels)).rstrip(".")


def _nested(block: tree.Block) -> str:
    return block.labels[-1].text if block.labels else block.type.text


def _body(body: tree.Body, depth: int, name: Callable[[tree.Block], str]) -> list[Node]:
    """The members of a body in the order of the text."""
    pairs: list[tuple[Node, Node]] = [(name_node(one.name), _value(one.value, depth + 1)) for one in body.attributes()]
    for type_ in dict.fromkeys(one.text for one in body.names()):
        for labels in (0, 1, 2):
            for block in body.blocks(type_, labels):
                key = Node(
                    name(block), block.type.start, block.labels[-1].end if labels else block.type.end, block.source
                )
                inner = Object(_body(block.body, depth + 1, _nested)) if depth < tree.MAX_DEPTH else Object()
                pairs.append((key, Node(inner, block.body.start, block.body.end, block.source)))
    pairs.sort(key=lambda pair: pair[0].start)
    return [node for pair in pairs for node in pair]


def _value(expression: tree.Expression, depth: int) -> Node:
    """An expression as far as it is written out."""
    value: Any = tree.plain_text(expression)
    while type(expression) is tree.Paren or _is_encoding(expression):
        expression = expression.inner if type(expression) is tree.Paren else expression.arguments[0]  # type: ignore[union-attr]
    if type(expression) is tree.Literal:
        value = expression.value
    elif depth > tree.MAX_DEPTH:
        value = None
    elif type(expression) is tree.ObjectCons:
        value = Object()
        for item in expression.items:
            key = _value(item.key, depth + 1)
            value += [key, _value(item.value, depth + 1)]
    elif type(expression) is tree.Tuple:
        value = [_value(item, depth + 1) for item in expression.items]
    elif value is None:
        value = expression.source.text[expression.start : expression.end]
    return Node(value, expression.start, expression.end, expression.source)


def _is_encoding(expression: tree.Expression) -> bool:
    return type(expression) is tree.Call and expression.name.text in _ENCODE and len(expression.arguments) == 1
