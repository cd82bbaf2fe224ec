"""Where the characters of a YAML scalar stand in the file, for every way in which YAML writes a text."""

from __future__ import annotations

import re
from array import array
from bisect import bisect_right
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bedrock_policy_lint.sources.source import Source

BREAKS = "\r\n\x85\u2028\u2029"
_KEPT_BREAKS = "\u2028\u2029"
"""These never fold."""
_BREAK = f"(?:\r\n|[{BREAKS}])"
_FOLD = rf"{_BREAK}[ \t]*+(?:{_BREAK}[ \t]*+)*+"
_plain = re.compile(_FOLD)
_single = re.compile(rf"{_FOLD}|''")
_double = re.compile(
    rf"{_FOLD}|\\(?:{_FOLD}|x[0-9a-fA-F]{{2}}|u[0-9a-fA-F]{{4}}|U[0-9a-fA-F]{{8}}|.)",
    re.DOTALL,
)
_break = re.compile(_BREAK).match
_each_break = re.compile(_BREAK).finditer
_next_break = re.compile(f"{_BREAK}|$(?![\n])").search
_header = re.compile(rf"[|>]([-+0-9]*)[ \t]*(?:#[^{BREAKS}]*)?{_BREAK}?").match
_PROPERTIES = re.compile(r"(?:(?<=\s)|^)(?:[&!]\S*[ \t]+)+$")
_indicator = re.compile(r"[-?:][ \t]+").match
_COMMENT = re.compile(r"(?:^|[ \t])#.*")


def string_offsets(source: Source, start: int, end: int) -> Sequence[int]:
    """For the scalar at that stretch: where each decoded character begins, and where the last one ends.

    A line break that folds into a space is that space, together with the blanks around it. Line breaks behind the last
    line of a block scalar stand at its end.
    """
    text = source.text
    first = text[start:end][:1]
    if first == '"':
        return _quoted_or_plain(text, start + 1, end - 1, _double)
    if first == "'":
        return _quoted_or_plain(text, start + 1, end - 1, _single)
    if first in ("|", ">"):
        return _Block(text, start, end).offsets()
    return _quoted_or_plain(text, start, end, _plain)


def _quoted_or_plain(text: str, start: int, end: int, special: re.Pattern[str]) -> Sequence[int]:
    offsets = array("I")
    at = start
    for match in special.finditer(text, start, end):
        began = match.start()
        if text[began] in BREAKS:
            while began > at and text[began - 1] in " \t":
                began -= 1
            offsets.extend(range(at, began))
            offsets.extend(_folded(text, began, match))
        elif text[began + 1] in BREAKS and text[began] == "\\":
            # The break behind a backslash is no character, nor are the blanks behind it.
            offsets.extend(range(at, began))
            offsets.extend([found.start() for found in _each_break(text, began, match.end())][1:])
        else:
            offsets.extend(range(at, began + 1))
        at = match.end()
    if at == start:
        return range(start, end + 1)
    offsets.extend(range(at, end + 1))
    return offsets


def _folded(text: str, began: int, match: re.Match[str]) -> list[int]:
    """Where the characters stand that line breaks become: a space, or all but the first of them."""
    breaks = [found.start() for found in _each_break(text, *match.span())]
    if len(breaks) > 1 and text[breaks[0]] not in _KEPT_BREAKS:
        del breaks[0]
    breaks[0] = began
    return breaks


class _Block:
    """One pass over a block scalar."""

    __slots__ = ("at", "breaks", "end", "found", "start", "text")

    def __init__(self, text: str, start: int, end: int) -> None:
        self.text = text
        self.start = start
        self.end = end
        self.at = start
        self.breaks: list[int] = []
        """The ends of empty lines that are not yet known to lie within the text."""
        self.found = array("I")

    def offsets(self) -> Sequence[int]:
        """Where each character begins."""
        text, found = self.text, self.found
        header = _header(text, self.start)
        if header is None:
            return range(self.start, self.end + 1)
        self.at = header.end()
        indent = self._indent(header[1])
        folds = text[self.start] == ">"
        line_end: int | None = None
        blank = False
        while self._at_line(indent):
            starts_blank = text[self.at] in " \t"
            if line_end is not None:
                self._join(line_end, folds and not blank and not starts_blank and text[line_end] not in _KEPT_BREAKS)
            found.extend(self.breaks)
            blank = starts_blank
            line_end = self._line()
            self._empty_lines(indent)
        if line_end is not None and line_end < len(text) and "-" not in header[1]:
            found.append(line_end)
        if "+" in header[1]:
            found.extend(self.breaks)
        return self._within()

    def _join(self, line_end: int, folds: bool) -> None:
        """The character that a line's end becomes; a folded one leaves its place to the empty lines behind it."""
        if folds and self.breaks:
            self.breaks[0] = line_end
        else:
            self.found.append(line_end)

    def _line(self) -> int:
        """Take the rest of the line; where it ends."""
        line_end = _next_break(self.text, self.at)
        if line_end is None:
            self.found.extend(range(self.at, len(self.text)))
            self.at = len(self.text)
            return self.at
        self.found.extend(range(self.at, line_end.start()))
        self.at = line_end.end()
        return line_end.start()

    def _at_line(self, indent: int) -> bool:
        """Whether a line of the text begins; then go behind its indentation."""
        at = self.at + indent
        if at < len(self.text) and self.text.count(" ", self.at, at) == indent:
            self.at = at
            return True
        return False

    def _empty_lines(self, indent: int) -> None:
        """Go over the lines that hold nothing but indentation."""
        text = self.text
        self.breaks = []
        while True:
            at = self.at
            while at < len(text) and at - self.at < indent and text[at] == " ":
                at += 1
            line_end = _break(text, at)
            if line_end is None:
                return
            self.breaks.append(at)
            self.at = line_end.end()

    def _indent(self, written: str) -> int:
        """How far the lines are indented: as written, or else as the first of them is."""
        digits = written.strip("+-")
        if digits:
            indent = int(digits) + max(_parent_indent(self.text, self.start), 0)
            self._empty_lines(indent)
            return indent
        text = self.text
        deepest = 0
        while True:
            at = self.at
            while text[at : at + 1] == " ":
                at += 1
            deepest = max(deepest, at - self.at)
            line_end = _break(text, at)
            if line_end is None:
                return max(deepest, 1)
            self.breaks.append(at)
            self.at = line_end.end()

    def _within(self) -> Sequence[int]:
        found, end = self.found, self.end
        inside = bisect_right(found, end)
        found[inside:] = array("I", [end] * (len(found) - inside))
        found.append(end)
        return found


def _parent_indent(text: str, at: int) -> int:
    """The column of the innermost block that the scalar at that offset stands in."""
    end = at
    while end >= 0:
        start = max(text.rfind(char, 0, end) for char in BREAKS) + 1
        line = text[start:end]
        if end < at:
            line = _COMMENT.sub("", line) + " "
        column = _innermost(line)
        if column is not None:
            return column
        end = start - 1
    return 0


def _innermost(line: str) -> int | None:
    """The column of the innermost block that is open at the end of a line's beginning."""
    line = _PROPERTIES.sub("", line)
    at = len(line) - len(line.lstrip(" \t"))
    column = None
    while match := _indicator(line, at):
        column = at
        at = match.end()
    return at if line[at:].strip() else column
