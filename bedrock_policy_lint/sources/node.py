"""The spanned tree that every reader produces: each key and each value knows where it stands."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bedrock_policy_lint.sources.source import Source


class Node:
    """A value and the stretch of text it was read from.

    `value` is a `list` of nodes for an array, an `Object` for a mapping, a `str` or a `Template` for text, and the
    plain Python value for numbers, booleans and null. Nothing changes a node once its reader has made it.
    """

    __slots__ = ("end", "source", "start", "value")

    def __init__(self, value: Any, start: int, end: int, source: Source) -> None:
        self.value = value
        self.start = start
        self.end = end
        self.source = source

    def __repr__(self) -> str:
        return f"Node({self.value!r}, {self.start}, {self.end})"

    @property
    def items(self) -> list[Node]:
        """The elements of an array; a single value counts as a list of one, as it does in IAM."""
        return self.value if type(self.value) is list else [self]

    def get(self, *path: str) -> Node | None:
        """The value at a path of names through mappings; None where there is none."""
        node: Node | None = self
        for name in path:
            if node is None or not isinstance(node.value, Object):
                return None
            node = node.value.get(name)
        return node

    def offsets(self) -> Sequence[int]:
        """For a text: where each of its characters begins, and where the last one ends; readers of other languages than
        JSON make nodes of their own that know it."""
        from bedrock_policy_lint.sources.json import string_offsets

        return string_offsets(self.source, self.start, self.end)


_SHORT = 64
"""Up to this length a mapping is searched as fast without an index."""


class Object(list[Node]):
    """The members of a mapping, flat: keys at even places, their values behind them.

    Flat because a policy of 50,000 statements makes millions of members.
    """

    __slots__ = ("_index",)

    _index: dict[str, int]
    """Where the last member of each name stands; only a long mapping gets one, when it is first searched."""

    def pairs(self) -> Iterator[tuple[Node, Node]]:
        """Every (key, value) in the order of the text, duplicates included."""
        return zip(self[::2], self[1::2], strict=True)

    def member(self, name: str) -> tuple[Node, Node] | None:
        """The last member of that name: what a JSON reader that keeps one would keep."""
        at = self._place(name)
        return None if at is None else (self[at], self[at + 1])

    def get(self, name: str) -> Node | None:
        """The value of the last member of that name."""
        at = self._place(name)
        return None if at is None else self[at + 1]

    def _place(self, name: str) -> int | None:
        if len(self) > _SHORT:
            if not hasattr(self, "_index"):
                self._index = {self[at].value: at for at in range(0, len(self), 2)}
            return self._index.get(name)
        for at in range(len(self) - 2, -1, -2):
            if self[at].value == name:
                return at
        return None


def path_to(root: Node, start: int, end: int) -> list[Node]:
    """The nodes from `root` down to the smallest one that holds the stretch; of a member, key and value.

    Found by bisection, so that naming ten thousand places in one long list stays cheap.
    """
    path = [root]
    node = root
    while isinstance(node.value, list):
        children: list[Node] = node.value
        at = bisect_right(children, start, key=lambda child: child.start) - 1
        if at < 0 or children[at].end < end:
            break
        if isinstance(node.value, Object) and at % 2:
            path.append(children[at - 1])
        node = children[at]
        path.append(node)
    return path
