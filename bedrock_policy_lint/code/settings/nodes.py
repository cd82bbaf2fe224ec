"""Texts of settings that know where each of their characters is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.sources.node import Node

if TYPE_CHECKING:
    from collections.abc import Sequence


class Quoted(Node):
    """A text as it stands between two offsets, character by character."""

    __slots__ = ()

    def offsets(self) -> range:
        """Where each character begins, and where the last one ends."""
        return range(self.start, self.end + 1)


class Placed(Node):
    """A text that is not written as it is meant: all of it stands at one place."""

    __slots__ = ()

    def offsets(self) -> list[int]:
        """The whole place for each character."""
        return [self.start] * len(str(self.value)) + [self.end]


def part(node: Node, start: int, end: int) -> Node:
    """Some of the characters of a text."""
    text = node.value
    if start == 0 and end == len(text):
        return node
    offsets = node.offsets()
    return Part(text[start:end], offsets[start : end + 1], node)


class Part(Node):
    """Some of the characters of another node."""

    __slots__ = ("_offsets",)

    def __init__(self, text: str, offsets: Sequence[int], whole: Node) -> None:
        super().__init__(text, offsets[0], offsets[-1], whole.source)
        self._offsets = offsets

    def offsets(self) -> Sequence[int]:
        """Where each character begins, and where the last one ends."""
        return self._offsets
