"""Where values stand in a resource, by paths: `KnowledgeBases[KnowledgeBaseState!=DISABLED].KnowledgeBaseId`."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from bedrock_policy_lint.model.text import Template, is_text
from bedrock_policy_lint.sources.node import Node, Object

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from bedrock_policy_lint.frontends.resources import Resource

    ReadTree = Callable[[Node], Node | None]
    """The tree of the local file that a text names; None when there is none."""

_step = re.compile(r"(?P<name>[^.\[\]]+)(?P<each>\[(?:(?P<key>\w+)!=(?P<values>[\w|]+))?\])?\.?").finditer


class _Step(NamedTuple):
    name: str
    each: bool
    """Whether the elements of a list are meant."""
    key: str
    values: tuple[str, ...]
    """An element with one of these values under that key is left out."""


@cache
def _steps(path: str) -> tuple[_Step, ...]:
    return tuple(
        _Step(match["name"], bool(match["each"]), match["key"] or "", tuple((match["values"] or "").split("|")))
        for match in _step(path)
    )


def find(component: Resource, path: str) -> list[Node]:
    """The values at a path in a resource's properties; `[]` stands for every element of a list."""
    first, *rest = _steps(path)
    top = component.get(first.name)
    return [] if top is None or _is_open(component, top, first.name) else _below(_elements(top, first), rest)


def _is_open(component: Resource, node: Node, name: str) -> bool:
    """Whether a property may as well be absent, since a macro adds to the properties."""
    return isinstance(node.value, Template) and node.value.holes[0].name == f"{component.name} {name}"


def below(node: Node, path: str, *, lenient: bool = False) -> list[Node]:
    """The values at a path in a mapping; leniently, the names there may begin with a small letter."""
    return _below([node], _steps(path), lenient)


def _below(nodes: list[Node], steps: Iterable[_Step], lenient: bool = False) -> list[Node]:
    for step in steps:
        small = step.name[:1].lower() + step.name[1:] if lenient else step.name
        mappings = [node.value for node in nodes if isinstance(node.value, Object)]
        found = [mapping.get(step.name) or mapping.get(small) for mapping in mappings]
        nodes = [element for node in found if node is not None for element in _elements(node, step)]
    return [node for node in nodes if node.value is not None]


def _elements(node: Node, step: _Step) -> list[Node]:
    if not step.each:
        return [node]
    return [element for element in node.items if not (step.key and member(element, step.key) in step.values)]


def member(node: Node, name: str) -> object:
    """The value of a member of a mapping; None when it is absent."""
    found = node.get(name)
    return None if found is None else found.value


def texts(nodes: Iterable[Node]) -> tuple[Node, ...]:
    """Those of them that are a text with something in it."""
    return tuple(node for node in nodes if is_text(node) and node.value != "")


def text_at(component: Resource, path: str) -> Node | None:
    """The first text at a path in a resource's properties."""
    return next(iter(texts(find(component, path))), None)


def text_below(node: Node, path: str) -> Node | None:
    """The first text at a path in a mapping."""
    return next(iter(texts(below(node, path))), None)
