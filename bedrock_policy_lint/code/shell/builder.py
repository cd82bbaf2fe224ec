"""Scripts in other formats: what the format itself replaces is put in before a shell sees the text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.code.shell.words import Script
from bedrock_policy_lint.model.text import Hole

if TYPE_CHECKING:
    from bedrock_policy_lint.code.shell.spelling import Marks, Spelled
    from bedrock_policy_lint.sources.source import Source


class Builder:
    """Puts a script together from stretches of a file and values."""

    def __init__(self, source: Source, marks: Marks) -> None:
        self._source = source
        self._marks = marks
        self._texts: list[str] = []
        self._offsets: list[int] = []
        self._end = 0
        self._fills: dict[str, tuple[Spelled, ...]] = {}

    def add(self, start: int, end: int) -> None:
        """A stretch of the file as it stands."""
        if start < end:
            self._texts.append(self._source.text[start:end])
            self._offsets.extend(range(start, end))
            self._end = end

    def gap(self, at: int) -> None:
        """A blank for what is left out before a place."""
        self._texts.append(" ")
        self._offsets.append(at)
        self._end = at

    def put(self, name: str, values: tuple[Spelled, ...], start: int, end: int) -> None:
        """Values in place of a stretch."""
        char = self._marks.mark(Hole(f"{name}@{start}", self._source.text[start:end]))
        self._fills[char] = values
        self._texts.append(char)
        self._offsets.append(start)
        self._end = end

    def script(self) -> Script:
        """What the shell is given."""
        return Script(self._source, "".join(self._texts), [*self._offsets, self._end], self._fills)
