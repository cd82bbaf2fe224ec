"""What the functions of a template come to: nodes that know of each character where a person edits it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from bedrock_policy_lint.model.text import Hole, Template, Text, is_text, join, parts_of
from bedrock_policy_lint.sources.node import Node, Object

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

WHOLE = -1
"""A piece that stands for a whole node."""
BEHIND = -2
"""A piece that stands between two nodes: right behind the first."""

_reference = re.compile(r"\{\{resolve:[^{}]*\}\}").finditer
_BEGINS_REFERENCE = "{{resolve:"
MASK = "\0"
"""Stands for each character of a hole where only literals are looked at."""
_UNFIT = str.maketrans({'"': "'", "\\": "/", **{chr(code): " " for code in range(32)}})


class Piece(NamedTuple):
    """A part of a computed text, and where it comes from."""

    part: str | Hole
    node: Node
    start: int = WHOLE
    """Which character of the node's text it begins at; `WHOLE`; or `BEHIND`."""
    end: int = -1
    """Which character it ends before, when what stands there has been replaced; else it reads as it stands there."""


class Computed(Node):
    """A value that a function has made, at the stretch that a person edits to change it."""

    __slots__ = ("inner", "pieces")

    def __init__(self, value: Any, home: Node, pieces: tuple[Piece, ...] = (), inner: Node | None = None) -> None:
        super().__init__(value, home.start, home.end, home.source)
        self.pieces = pieces
        self.inner = inner
        """The tree that a JSON text was made of."""

    def offsets(self) -> Sequence[int]:
        """Where each character of the text comes from, and where the last one ends; never going backwards."""
        known: dict[int, Sequence[int]] = {}
        found: list[int] = []
        end = self.start
        for piece in self.pieces:
            places, end = _places(piece, known)
            found.extend(places)
        found.append(end)
        for at in range(1, len(found)):
            found[at] = max(found[at], found[at - 1])
        return found


def _places(piece: Piece, known: dict[int, Sequence[int]]) -> tuple[Sequence[int], int]:
    """Where the characters of a piece begin, and where the last of them ends."""
    node, length = piece.node, len(written(piece.part))
    if piece.start < 0:
        return [node.end if piece.start == BEHIND else node.start] * length, node.end
    offsets = known.get(id(node))
    if offsets is None:
        offsets = known[id(node)] = node.offsets()
    if piece.end >= 0:
        return [offsets[piece.start]] * length, offsets[piece.end]
    end = piece.start + length
    return offsets[piece.start : end], offsets[end]


def written(part: str | Hole) -> str:
    """A part as it is written."""
    return part if isinstance(part, str) else part.written


def hole(name: str, values: tuple[str, ...] = ()) -> Hole:
    """What is not known, by the name that the same value has everywhere; it can stand inside a JSON string."""
    name = name.translate(_UNFIT)
    return Hole(name, f"${{{name}}}", values=values)


def text_node(pieces: Iterable[Piece], home: Node) -> Computed:
    """The text that pieces make, with dynamic references as holes."""
    kept = tuple(piece for piece in pieces if piece.part != "")
    if any(isinstance(piece.part, str) and "{{" in piece.part for piece in kept):
        kept = _with_references(kept)
    return Computed(join([piece.part for piece in kept]), home, kept)


def unknown_node(name: str, home: Node, values: tuple[str, ...] = ()) -> Computed:
    """A value of which nothing is known."""
    return text_node((Piece(hole(name, values), home),), home)


def text_of(node: Node) -> Text | None:
    """The text that a scalar reads as; None for a list, a mapping and null."""
    value = node.value
    if isinstance(value, str | Template):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return None if value is None or isinstance(value, list) else str(value)


def pieces_of(node: Node) -> tuple[Piece, ...]:
    """The pieces of a scalar's text."""
    if isinstance(node, Computed) and node.pieces:
        return node.pieces
    if isinstance(node.value, str) and not isinstance(node, Computed):
        return (Piece(node.value, node, 0),)
    return tuple(Piece(part, node) for part in parts_of(text_of(node) or ""))


def parts_at(text: Text, home: Node, start: int = WHOLE, end: int = -1) -> tuple[Piece, ...]:
    """The pieces of a text that comes from elsewhere, all at one place."""
    return tuple(Piece(part, home, start, end) for part in parts_of(text))


def placed(text: Text, home: Node) -> Computed:
    """A text in place of what stands in the file, all of it at that place."""
    return text_node(parts_at(text, home), home)


def excerpt(node: Node, start: int, end: int) -> Node:
    """The characters of a text from one place to another, at their own place in the file."""
    offsets = node.offsets()
    home = Node(None, offsets[start], offsets[end], node.source)
    return text_node(cut(pieces_of(node), start, end), home)


def moved(node: Node, home: Node) -> Node:
    """A value that a name brings from elsewhere, at the place of that name."""
    if isinstance(node.value, Object):
        return Computed(Object([moved(child, home) for child in node.value]), home)
    if isinstance(node.value, list):
        return Computed([moved(child, home) for child in node.value], home)
    if is_text(node):
        return placed(node.value, home)
    return Computed(node.value, home)


def cut(pieces: Iterable[Piece], start: int, end: int) -> tuple[Piece, ...]:
    """The pieces between two characters of the text that they make; neither lies inside a hole."""
    found: list[Piece] = []
    at = 0
    for piece in pieces:
        length = len(written(piece.part))
        first, last = max(start - at, 0), min(end - at, length)
        at += length
        if first >= last:
            continue
        if isinstance(piece.part, str) and (first, last) != (0, length):
            is_exact = piece.start >= 0 and piece.end < 0
            begin = piece.start + first if is_exact else piece.start
            piece = piece._replace(part=piece.part[first:last], start=begin)  # noqa: PLW2901
        found.append(piece)
    return tuple(found)


def masked(pieces: Iterable[Piece]) -> str:
    """The literal parts of a text, everything else masked."""
    return "".join(piece.part if isinstance(piece.part, str) else MASK * len(piece.part.written) for piece in pieces)


def has_reference(text: str) -> bool:
    """Whether a text may hold a reference that CloudFormation looks up at deployment."""
    return _BEGINS_REFERENCE in text


def _with_references(pieces: tuple[Piece, ...]) -> tuple[Piece, ...]:
    """The pieces with a hole for each `{{resolve:ssm:…}}`, which may have holes in itself."""
    spelled = masked(pieces)
    full = "".join(written(piece.part) for piece in pieces)
    found: list[Piece] = []
    at = 0
    for match in _reference(spelled):
        start, end = match.span()
        inside = cut(pieces, start, end)
        first = inside[0]
        name = full[start + 2 : end - 2].translate(_UNFIT)
        reference = Hole(name, f"{{{{{name}}}}}")
        found += cut(pieces, at, start)
        is_exact = len(inside) == 1 and first.end < 0
        if is_exact or first.start < 0:
            found.append(first._replace(part=reference))
        else:
            # Its last piece may come from another node: then it is told to end where the first node's part does.
            same = [piece for piece in inside if piece.node is first.node]
            found.append(Piece(reference, first.node, first.start, _end_of(same[-1])))
        at = end
    return (*found, *cut(pieces, at, len(full)))


def _end_of(piece: Piece) -> int:
    return piece.end if piece.end >= 0 else piece.start + len(written(piece.part))
