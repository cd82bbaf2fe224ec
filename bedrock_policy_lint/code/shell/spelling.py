"""Texts that are put together from several places: each character knows where it is written, and holes are marks."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bedrock_policy_lint.code.site import Value
from bedrock_policy_lint.model.text import Hole, join
from bedrock_policy_lint.sources.node import Node

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bedrock_policy_lint.model.text import Text
    from bedrock_policy_lint.sources.source import Source

_MOST_CHOICES = 16
"""So many texts may one be put together to; beyond that it is unknown."""
_LONGEST = 100_000
_FIRST, _LAST = 0x10F000, 0x10FFFD
"""Characters for private use, which nobody writes into a script."""


class Marks:
    """The characters that stand for holes while a file is read, so that texts with holes are plain texts."""

    __slots__ = ("_holes", "_marks")

    def __init__(self) -> None:
        self._marks: dict[Hole, str] = {}
        self._holes: dict[str, Hole] = {}

    def mark(self, hole: Hole) -> str:
        """The character that stands for a hole."""
        found = self._marks.get(hole)
        if found is None:
            found = chr(min(_FIRST + len(self._marks), _LAST))
            self._marks[hole] = found
            self._holes[found] = hole
        return found

    def hole(self, char: str) -> Hole | None:
        """The hole that a character stands for; None for one that stands for itself."""
        return self._holes.get(char)

    def is_literal(self, text: str) -> bool:
        """Whether nothing of a text is unknown."""
        return text.isascii() or not any(char in self._holes for char in text)

    def text(self, marked: str) -> Text:
        """The text with its holes."""
        if self.is_literal(marked):
            return marked
        return join([self._holes.get(char, char) for char in marked])

    def written(self, marked: str) -> str:
        """The text as it may be shown: for a hole stands what is written."""
        if self.is_literal(marked):
            return marked
        return "".join(self._holes[char].written if char in self._holes else char for char in marked)


class Spelled(NamedTuple):
    """One text that something may have."""

    text: str
    """With a mark for each hole."""
    starts: Sequence[int]
    ends: Sequence[int]
    """Where each character is written."""
    source: Source
    at: int
    """Where it is written if it has no character."""
    named: tuple[Node, ...] = ()
    default_of: str = ""
    is_one_of_several: bool = False

    @property
    def start(self) -> int:
        """Where its first character is written."""
        return self.starts[0] if self.text else self.at

    @property
    def end(self) -> int:
        """Where its last character is written."""
        return self.ends[-1] if self.text else self.at

    def part(self, start: int, end: int | None = None) -> Spelled:
        """Some of its characters."""
        text = self.text[start:end]
        at = self.starts[start] if start < len(self.text) else self.end
        piece = self._replace(text=text, starts=self.starts[start:end], ends=self.ends[start:end], at=at)
        return piece._replace(named=tuple(node for node in self.named if self._leads_to(node, piece)))

    def _leads_to(self, name: Node, piece: Spelled) -> bool:
        """Whether a name stands for something in a part, as far as it stands in the text itself."""
        if name.source is not self.source or not self.start <= name.start <= self.end:
            return True
        return piece.start <= name.start and name.end <= piece.end

    def written_at(self, source: Source, start: int, end: int) -> Spelled:
        """The same text, all of it written at one place."""
        count = len(self.text)
        return self._replace(starts=[start] * count, ends=[end] * count, source=source, at=start)

    def node(self, marks: Marks) -> Node:
        """It as a value."""
        return Written(self, marks)

    def value(self, marks: Marks) -> Value:
        """It as something that a call is given."""
        return Value(self.node(marks), self.named, self.default_of, self.is_one_of_several)


class Written(Node):
    """A text that is put together from characters here and there."""

    __slots__ = ("_places",)

    def __init__(self, spelled: Spelled, marks: Marks) -> None:
        start = min(spelled.starts, default=spelled.at)
        super().__init__(marks.text(spelled.text), start, max(spelled.ends, default=start), spelled.source)
        self._places = [
            start for char, start in zip(spelled.text, spelled.starts, strict=True) for _ in marks.written(char)
        ]

    def offsets(self) -> Sequence[int]:
        """Where each of its characters is written, and where the last one ends."""
        return [*self._places, self.end]


def literal(text: str, source: Source, start: int) -> Spelled:
    """A text that stands in a file as it is."""
    return Spelled(text, range(start, start + len(text)), range(start + 1, start + len(text) + 1), source, start)


def of_node(node: Node, text: str) -> Spelled:
    """The text of a node of JSON or YAML, where it stands in the file."""
    offsets = node.offsets()
    if len(offsets) != len(text) + 1:
        return Spelled(text, [node.start] * len(text), [node.end] * len(text), node.source, node.start)
    at = offsets[0] if len(offsets) else node.start
    return Spelled(text, offsets[:-1], offsets[1:], node.source, at)


def joined(parts: Sequence[Spelled], source: Source, at: int) -> Spelled:
    """One text made of several; what is the default of two variables is the default of neither."""
    if len(parts) == 1:
        return parts[0]
    starts: list[int] = []
    ends: list[int] = []
    for part in parts:
        starts.extend(part.starts)
        ends.extend(part.ends)
    defaults = {part.default_of for part in parts if part.default_of}
    several = len(defaults) > 1 or any(part.is_one_of_several for part in parts)
    return Spelled(
        "".join(part.text for part in parts),
        starts,
        ends,
        source,
        at,
        tuple(node for part in parts for node in part.named),
        defaults.pop() if len(defaults) == 1 else "",
        several,
    )


def are_too_many(parts: Iterable[tuple[Spelled, ...]]) -> bool:
    """Whether more or longer texts could be made of these parts than anybody writes."""
    count, length = 1, 0
    for values in parts:
        count *= len(values)
        length += max((len(value.text) for value in values), default=0)
    return count > _MOST_CHOICES or length > _LONGEST


def distinct(values: Iterable[Spelled]) -> tuple[Spelled, ...]:
    """Each text once, and where there are several, each as one of them."""
    found: dict[tuple[str, str], Spelled] = {}
    for value in values:
        found.setdefault((value.text, value.default_of), value)
    return tuple(found.values())


def alternatives(*choices: Iterable[Spelled]) -> tuple[Spelled, ...]:
    """What something may be of which a choice is made that cannot be told; a default is none beside what it is of."""
    found = distinct(value for choice in choices for value in choice)
    if sum(not value.default_of for value in found) < 2:
        return found
    return tuple(value if value.default_of else value._replace(is_one_of_several=True) for value in found)
