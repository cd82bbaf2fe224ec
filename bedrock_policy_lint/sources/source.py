"""A text that a person edits: where it lies, what it says, and which line and column an offset is."""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

_LINE_END = re.compile(r"\r\n|\n|\r")


class Point(NamedTuple):
    """A place as editors count it: both numbers start at 1, columns are characters."""

    line: int
    column: int


class Span(NamedTuple):
    """A stretch of one file's text, as two offsets."""

    source: Source
    start: int
    end: int


class Source:
    """The decoded text of one file; the only thing that knows lines and columns."""

    __slots__ = ("_line_starts", "bom", "path", "text")

    def __init__(self, path: str, text: str, *, bom: bool = False) -> None:
        self.path = path
        self.text = text
        self.bom = bom
        self._line_starts: Sequence[int] | None = None

    @property
    def line_starts(self) -> Sequence[int]:
        """The offset of the first character of every line."""
        if self._line_starts is None:
            from array import array

            # A list would take ten times the memory of a file that is all line ends.
            self._line_starts = array("I", [0])
            self._line_starts.extend(match.end() for match in _LINE_END.finditer(self.text))
        return self._line_starts

    def point(self, offset: int) -> Point:
        """The line and column of an offset."""
        starts = self.line_starts
        line = bisect_right(starts, offset) - 1
        return Point(line + 1, offset - starts[line] + 1)

    def line_bounds(self, line: int) -> tuple[int, int]:
        """Start and end offset of a line (counted from 1) without its line end."""
        starts = self.line_starts
        start = starts[line - 1]
        end = starts[line] if line < len(starts) else len(self.text)
        while end > start and self.text[end - 1] in "\r\n":
            end -= 1
        return start, end

    def in_file(self, start: int, end: int) -> Span:
        """Where a stretch of this text stands in the file that a person edits."""
        return Span(self, start, end)

    def escape(self, text: str) -> str:
        """How `text` must be written so that it reads as itself in the file."""
        return text


class EmbeddedSource(Source):
    """A text inside a string of another text, such as a policy that a JSON string holds.

    `offsets[i]` is where character `i` begins in the host's text; the last entry is where the text ends.
    """

    __slots__ = ("host", "offsets", "percent_encoded")

    def __init__(self, host: Source, text: str, offsets: Sequence[int], *, percent_encoded: bool = False) -> None:
        super().__init__(host.path, text)
        self.host = host
        self.offsets = offsets
        self.percent_encoded = percent_encoded

    def in_file(self, start: int, end: int) -> Span:
        """Where a stretch of this text stands in the file that a person edits."""
        return self.host.in_file(self.offsets[start], self.offsets[end])

    def escape(self, text: str) -> str:
        """How `text` must be written so that it reads as itself in the file."""
        if self.percent_encoded:
            from urllib.parse import quote

            text = quote(text, safe="")
        elif self._quote == "'":
            # Between single quotes one line break reads as a blank.
            text = text.replace("'", "''").replace("\n", "\n\n")
        elif self._quote:
            import json

            text = json.dumps(text, ensure_ascii=False)[1:-1]
        else:
            newline = "\r\n" if "\r\n" in self.host.text else "\n"
            text = text.replace("\n", f"{newline}{' ' * self._indent}")
        return self.host.escape(text)

    @property
    def _quote(self) -> str:
        """The quotes that it stands between; none in a block of YAML."""
        before = self.host.text[self.offsets[0] - 1 : self.offsets[0]] if self.offsets[0] else ""
        return before if before in ("'", '"') else ""

    @property
    def _indent(self) -> int:
        """How far the lines of a block are indented."""
        first = next((at for at, char in enumerate(self.text) if char not in "\r\n"), 0)
        return self.host.point(self.offsets[first]).column - 1
