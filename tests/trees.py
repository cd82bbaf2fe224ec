"""What the tests of the readers ask of a tree, whatever language it was read from."""

from __future__ import annotations

from typing import Any

from bedrock_policy_lint.sources.node import Node, Object


def plain(node: Node) -> Any:
    """The value of a tree as a loader gives it: of equal names the last one counts."""
    if isinstance(node.value, Object):
        return {key.value: plain(value) for key, value in node.value.pairs()}
    return [plain(item) for item in node.value] if isinstance(node.value, list) else node.value


def every(node: Node) -> list[Node]:
    """All the nodes of a tree, keys included."""
    children = node.value if isinstance(node.value, list) else []
    return [node, *(found for child in children for found in every(child))]


def same(one: Any, other: Any) -> bool:
    """Equality that tells 1 from true and from 1.0, and takes a number that is none for what it is."""
    return repr(one) == repr(other)


def check_characters_in_order(node: Node) -> None:
    """A text has a place for each of its characters and one for its end, none before the one that it follows."""
    offsets = list(node.offsets())
    assert len(offsets) == len(node.value) + 1
    assert offsets == sorted(offsets)
