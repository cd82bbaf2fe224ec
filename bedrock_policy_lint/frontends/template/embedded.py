"""JSON inside a computed text: its tree, with places in the file and the holes of the text."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING, NamedTuple

from bedrock_policy_lint.frontends.document import Failure
from bedrock_policy_lint.frontends.template.computed import Computed, Piece
from bedrock_policy_lint.model.text import Hole, Template, join, parts_of
from bedrock_policy_lint.sources import json
from bedrock_policy_lint.sources.node import Node, Object
from bedrock_policy_lint.sources.source import EmbeddedSource, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.frontends.document import Document
    from bedrock_policy_lint.sources.json import Slip

_BEGINNINGS = ("{", "[")
_PSEUDO = "AWS::"
"""What stands for the place of a deployment can neither break nor mend JSON."""


class Inside(NamedTuple):
    """What was made of a string."""

    string: Node
    root: Node | None
    """The tree of the JSON document that it is; None when it is none."""
    slips: list[Slip]
    """What JSON does not allow in it, as offsets into the text of the tree."""


def embedded(node: Node) -> Node | None:
    """The tree of the JSON document that a computed text is; None when it is none."""
    return _read(node).root


def _read(node: Node) -> Inside:
    value = node.value
    if not isinstance(value, str | Template) or not str(value).lstrip().startswith(_BEGINNINGS):
        return Inside(node, None, [])
    parts = parts_of(value)
    holes = list(_holes(parts))
    try:
        root, slips = json.read(_source(node, parts))
    except json.JsonError:
        return Inside(node, None, [])
    return Inside(node, _Restorer(holes).node(root) if holes else root, slips)


def failure(node: Node) -> Failure | None:
    """Why a computed text that is meant as JSON cannot be read; None when it can, or when what is open in it may mend
    it."""
    value = node.value
    if not isinstance(value, str | Template) or not str(value).lstrip().startswith(_BEGINNINGS):
        return None
    parts = parts_of(value)
    if not all(hole.name.startswith(_PSEUDO) for _, hole in _holes(parts)):
        return None
    source = _source(node, parts)
    try:
        json.read(source)
    except json.JsonError as error:
        kind = "unreadable-file" if isinstance(error, json.LimitError) else "invalid-json"
        span = Span(source, error.start, min(error.end, len(source.text)))
        return Failure(kind, span, error.message, error.hint, error.opened)
    return None


def _source(node: Node, parts: tuple[str | Hole, ...]) -> EmbeddedSource:
    return EmbeddedSource(node.source, _readable(parts), node.offsets())


def _holes(parts: tuple[str | Hole, ...]) -> Iterator[tuple[int, Hole]]:
    """The holes of a text, and where each begins."""
    at = 0
    for part in parts:
        if isinstance(part, Hole):
            yield at, part
            at += len(part.written)
        else:
            at += len(part)


def _readable(parts: tuple[str | Hole, ...]) -> str:
    """The text with as many characters, in which a hole outside a string is a string."""
    found: list[str] = []
    is_inside = False
    for part in parts:
        if isinstance(part, str):
            found.append(part)
            is_inside = _ends_inside(part, is_inside)
        else:
            found.append(part.written if is_inside else f'"{part.written[1:-1]}"')
    return "".join(found)


def _ends_inside(text: str, is_inside: bool) -> bool:
    """Whether a JSON string is open at the end of a text."""
    is_escaped = False
    for char in text:
        if is_escaped:
            is_escaped = False
        elif char == "\\":
            is_escaped = is_inside
        elif char == '"':
            is_inside = not is_inside
    return is_inside


class _Restorer:
    """Puts the holes of a text back into the strings of its tree."""

    def __init__(self, holes: list[tuple[int, Hole]]) -> None:
        self.holes = holes
        self.starts = [start for start, _ in holes]

    def node(self, node: Node) -> Node:
        first = bisect_left(self.starts, node.start)
        if first == len(self.starts) or self.starts[first] >= node.end:
            return node
        value = node.value
        if isinstance(value, Object):
            return Node(Object([self.node(child) for child in value]), node.start, node.end, node.source)
        if isinstance(value, list):
            return Node([self.node(child) for child in value], node.start, node.end, node.source)
        start, hole = self.holes[first]
        if start == node.start:
            return Computed(Template((hole,)), node, (Piece(hole, node),))
        offsets = node.offsets()
        parts: list[str | Hole] = []
        at = 0
        for start, hole in self.holes[first : bisect_left(self.starts, node.end)]:
            begin = bisect_left(offsets, start)
            parts += [value[at:begin], hole]
            at = begin + len(hole.written)
        return Node(join([*parts, value[at:]]), node.start, node.end, node.source)


class TextsInside:
    """What reads the JSON texts inside computed strings, and keeps them for its document."""

    document: Document
    _texts: dict[int, Inside]
    """By the identity of the string: kept with it, from one world to the next."""

    def embedded(self, node: Node) -> Node | None:
        """The computed tree of a JSON text inside a computed string, with places in the file; None when it is none."""
        if isinstance(node, Computed) and node.inner is not None:
            return node.inner
        known = self._texts.get(id(node))
        if known is None:
            known = self._texts[id(node)] = _read(node)
        root = known.root
        if root is not None:
            if self.document.root_of(root.source) is None:
                self.document.slips.extend((root.source, slip) for slip in known.slips)
            self.document.add_root(root, self._host(node))
        return root

    def refuse(self, node: Node) -> bool:
        """Whether a computed string is meant as JSON and certainly is none, which the document is told."""
        failed = failure(node)
        if failed is not None:
            source = failed.span.source
            self.document.add_root(Node("", 0, len(source.text), source), self._host(node))
            self.document.failures.append(failed)
        return failed is not None

    def _host(self, node: Node) -> Node:
        """A node for the address of a text inside a text: a text itself where one stands, else the expression."""
        path = self.document.path_to(node.source, node.start, node.end)
        value = str(node.value) if path and isinstance(path[-1].value, str) else node.value
        return Node(value, node.start, node.end, node.source)
