"""The stretches of a module that run as one: its functions that have names, and the module itself."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

from bedrock_policy_lint.code.javascript.tokens import NAME, TAG
from bedrock_policy_lint.code.site import Block

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bedrock_policy_lint.code.javascript.tokens import Tokens
    from bedrock_policy_lint.code.javascript.tree import Function


class Blocks:
    """The blocks of a module, and which one a place belongs to."""

    def __init__(self, tokens: Tokens, functions: Iterable[Function], declared: set[int]) -> None:
        """`declared` are the places of names that are no uses of them."""
        named = [function for function in functions if function.name and function.name != "constructor"]
        named.sort(key=lambda function: function.start)
        self._starts = [function.start for function in named]
        self._ends = [function.end for function in named]
        self._around = _around(named)
        uses: list[set[str]] = [set() for _ in range(len(named) + 1)]
        for kind, word, start in zip(tokens.kinds, tokens.words, tokens.starts, strict=True):
            if kind in (NAME, TAG) and start not in declared:
                uses[self.at(start)].add(word)
        self.all = (
            Block("", frozenset(uses[0])),
            *(
                Block(_qualified(one), frozenset(used), one.is_called_from_outside, one.is_exported)
                for one, used in zip(named, uses[1:], strict=True)
            ),
        )

    def at(self, place: int) -> int:
        """The block that a place belongs to: the innermost."""
        number = bisect_right(self._starts, place)
        while number and self._ends[number - 1] <= place:
            number = self._around[number - 1]
        return number


def _around(functions: list[Function]) -> list[int]:
    """By function: the block around it, as its number."""
    found: list[int] = []
    inside: list[int] = []
    for place, function in enumerate(functions):
        while inside and functions[inside[-1]].end <= function.start:
            inside.pop()
        found.append(inside[-1] + 1 if inside else 0)
        inside.append(place)
    return found


def _qualified(function: Function) -> str:
    owner = function.owner
    return f"{owner.name}.{function.name}" if owner is not None and owner.name else function.name
