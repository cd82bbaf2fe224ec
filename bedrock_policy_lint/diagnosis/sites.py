"""Where calls stand, as the second places of findings that point elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.rule import Note

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bedrock_policy_lint.sources.node import Node
    from bedrock_policy_lint.usage.usage import Usage

_MOST = 3


def who_asks(usage: Usage) -> str:
    """What to say where a call stands."""
    if usage.is_code:
        return "called here"
    return "asked for here" if usage.words else "the call is declared here"


def called_from(usages: Iterable[Usage], node: Node) -> tuple[Note, ...]:
    """The places in code that call what a node names, where they are not on its line."""
    found: dict[int, Node] = {}
    for usage in usages:
        if usage.is_code and usage.node is not None and usage.node is not node and not share_line(usage.node, node):
            found[id(usage.node)] = usage.node
    return tuple(Note(place, "called here") for place in list(found.values())[:_MOST])


def share_line(one: Node, other: Node | None) -> bool:
    """Whether two nodes begin on one line of one text."""
    if other is None or one.source is not other.source:
        return False
    return one.source.point(one.start).line == other.source.point(other.start).line
