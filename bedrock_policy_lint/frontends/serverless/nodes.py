"""Nodes that the framework makes out of what stands in the file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bedrock_policy_lint.frontends.template.computed import placed
from bedrock_policy_lint.model.text import Template
from bedrock_policy_lint.sources.node import Node, Object

if TYPE_CHECKING:
    from bedrock_policy_lint.model.text import Text


def made(value: Any, at: Node) -> Node:
    """A value that stands nowhere as it is; what stands there is edited to change it."""
    if isinstance(value, str | Template):
        return placed(value, at)
    return Node(value, at.start, at.end, at.source)  # not `Computed`: functions in it are still to be


def mapping(at: Node, members: dict[str, Node | Text | None]) -> Node:
    """A mapping with these members; those that are None are left out."""
    flat = Object()
    for name, value in members.items():
        if value is not None:
            flat.append(made(name, at))
            flat.append(value if isinstance(value, Node) else made(value, at))
    return made(flat, at)


def function(name: str, argument: Any, at: Node) -> Node:
    """A function of CloudFormation with its argument."""
    return mapping(at, {name: argument if isinstance(argument, Node) else made(argument, at)})


def members_of(node: Node | None) -> list[tuple[Node, Node]]:
    """The members of a mapping; none of anything else."""
    return list(node.value.pairs()) if node is not None and isinstance(node.value, Object) else []


def member(node: Node | None, *path: str) -> Node | None:
    """What stands on that path through mappings; None when there is nothing, or null."""
    node = node.get(*path) if node is not None else None
    return node if node is not None and node.value is not None else None


def merged(first: Node, second: Node) -> Node:
    """Both values as the framework merges what it makes with what the file adds: member by member."""
    if isinstance(first.value, Object) and isinstance(second.value, Object):
        found = {key.value: (key, value) for key, value in first.value.pairs()}
        for key, value in second.value.pairs():
            old = found.get(key.value)
            found[key.value] = (key, merged(old[1], value) if old else value)
        return made(Object(node for pair in found.values() for node in pair), second)
    if type(first.value) is list and type(second.value) is list:
        both = [merged(*pair) for pair in zip(first.value, second.value, strict=False)]
        longer = max(first.value, second.value, key=len)
        return made(both + longer[len(both) :], second)
    return second
