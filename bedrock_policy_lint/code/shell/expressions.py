"""Texts of a format with expressions of its own in them, which stand in their place before a shell sees the text."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, NamedTuple

from bedrock_policy_lint.code.shell.spelling import Spelled, are_too_many, distinct, joined, of_node
from bedrock_policy_lint.code.shell.words import Script
from bedrock_policy_lint.model.text import Hole
from bedrock_policy_lint.sources.node import Node

if TYPE_CHECKING:
    import re
    from collections.abc import Callable

    from bedrock_policy_lint.code.shell.spelling import Marks


class Expressions(NamedTuple):
    """The expressions of a format."""

    pattern: re.Pattern[str]
    """What one looks like; its group `name` is what it asks for."""
    ask: Callable[[str], tuple[Spelled, ...] | None]
    """What something comes to; None where only running it would tell."""
    marks: Marks

    def values(self, node: Node) -> tuple[Spelled, ...]:
        """The texts that a value may come to."""
        text = plain(node)
        if text is None:
            return ()
        spelled = of_node(node, text)
        parts: list[tuple[Spelled, ...]] = []
        at = 0
        for match in self.pattern.finditer(text):
            if at < match.start():
                parts.append((spelled.part(at, match.start()),))
            parts.append(self._asked(spelled, match))
            at = match.end()
        if at < len(text) or not parts:
            parts.append((spelled.part(at),))
        if len(parts) == 1:
            return parts[0]
        if are_too_many(parts):
            return (self._unknown(spelled, 0, len(text)),)
        return distinct(
            joined([_placed(piece, spelled) for piece in choice], spelled.source, spelled.at)
            for choice in product(*parts)
        )

    def script(self, node: Node) -> Script:
        """The script that a text is."""
        text = plain(node) or ""
        spelled = of_node(node, text)
        pieces: list[str] = []
        offsets: list[int] = []
        fills: dict[str, tuple[Spelled, ...]] = {}
        at = 0
        for match in self.pattern.finditer(text):
            mark = self.marks.mark(Hole(f"{match[0]}@{spelled.starts[match.start()]}", match[0]))
            fills[mark] = self._asked(spelled, match)
            pieces += (text[at : match.start()], mark)
            offsets += (*spelled.starts[at : match.start()], spelled.starts[match.start()])
            at = match.end()
        pieces.append(text[at:])
        offsets += (*spelled.starts[at:], spelled.end)
        return Script(spelled.source, "".join(pieces), offsets, fills)

    def _asked(self, spelled: Spelled, match: re.Match[str]) -> tuple[Spelled, ...]:
        name = match["name"].strip()
        values = self.ask(name)
        if values is None:
            return (self._unknown(spelled, *match.span()),)
        reference = Node(name, spelled.starts[match.start()], spelled.ends[match.end() - 1], spelled.source)
        return tuple(value._replace(named=(reference, *value.named)) for value in values)

    def _unknown(self, spelled: Spelled, start: int, end: int) -> Spelled:
        written = spelled.text[start:end]
        mark = self.marks.mark(Hole(written, written))
        return Spelled(mark, [spelled.starts[start]], [spelled.ends[end - 1]], spelled.source, spelled.starts[start])


def plain(node: Node) -> str | None:
    """The text of a scalar, numbers and booleans as they are written."""
    value = node.value
    if isinstance(value, str):
        return value
    if isinstance(value, bool | int | float):
        return node.source.text[node.start : node.end]
    return None


def _placed(piece: Spelled, whole: Spelled) -> Spelled:
    if piece.source is whole.source and whole.start <= piece.start <= piece.end <= whole.end:
        return piece
    name = piece.named[0] if piece.named else None
    if name is None or name.source is not whole.source:
        return piece.written_at(whole.source, whole.start, whole.end)
    return piece.written_at(whole.source, name.start, name.end)
