"""The string literals of Python: where each character that they say stands in the text."""

from __future__ import annotations

import re
import unicodedata
from array import array
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from bedrock_policy_lint.model.text import length
from bedrock_policy_lint.sources.node import Node

if TYPE_CHECKING:
    from bedrock_policy_lint.model.text import Text
    from bedrock_policy_lint.sources.source import Source

_OPENING = re.compile(r"([A-Za-z]{0,2})('''|\"\"\"|'|\")")
_BETWEEN = re.compile(r"(?:[ \t\f\r\n()]|\\\r?\n|#[^\r\n]*)*")
_CONTENT = {
    "'": re.compile(r"(?:[^\\'\n]|\\.)*+", re.DOTALL),
    '"': re.compile(r'(?:[^\\"\n]|\\.)*+', re.DOTALL),
    "'''": re.compile(r"(?:[^\\']|\\.|'(?!''))*+", re.DOTALL),
    '"""': re.compile(r'(?:[^\\"]|\\.|"(?!""))*+', re.DOTALL),
}
_ESCAPE = re.compile(
    r"\\(?:(?P<line>\r\n|\n|\r)|N\{(?P<name>[^}]*)\}|x(?P<x>[0-9a-fA-F]{2})|u(?P<u>[0-9a-fA-F]{4})"
    r"|U(?P<U>[0-9a-fA-F]{8})|(?P<octal>[0-7]{1,3})|(?P<one>[\\'\"abfnrtv]))|\r\n?"
)
_LINE_END = re.compile(r"\r\n?")
_MEANT = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_OPENS, _CLOSES = "([{", ")]}"


class Stretch(NamedTuple):
    """Characters that stand for themselves, or are escaped: what they say, and where each begins; the last entry is
    where they end."""

    text: str
    places: Sequence[int]


class Field(NamedTuple):
    """A `{…}` of an f-string, with its braces."""

    start: int
    end: int


class StringNode(Node):
    """A string literal, or several that Python joins."""

    __slots__ = ()

    def offsets(self) -> Sequence[int]:
        """Where each of its characters begins, and where the last one ends."""
        places = array("I")
        end = self.start
        for part in parts(self.source.text, self.start, self.end):
            if isinstance(part, Field):
                break
            places.extend(part.places[:-1])
            end = part.places[-1]
        places.append(end)
        return places if len(places) == length(self.value) + 1 else clamped(self.value, self.start, self.end)


class ComputedNode(Node):
    """A text that an expression puts together, or a part of a literal."""

    __slots__ = ("places",)

    def __init__(self, value: Text, start: int, end: int, source: Source, places: Sequence[int] | None = None) -> None:
        super().__init__(value, start, end, source)
        self.places = places

    def offsets(self) -> Sequence[int]:
        """Where each of its characters begins, and where the last one ends."""
        return clamped(self.value, self.start, self.end) if self.places is None else self.places


def clamped(text: Text, start: int, end: int) -> Sequence[int]:
    """Places for a text that stands somewhere else: as far as they reach, and the end from there on."""
    size = length(text)
    if size == end - start:
        return range(start, end + 1)
    return array("I", [start] * size + [end])


def parts(text: str, start: int, end: int) -> list[Stretch | Field]:
    """What the literals between two offsets are made of; as much as can be told of what is none."""
    found: list[Stretch | Field] = []
    at = start
    while at < end:
        between = _BETWEEN.match(text, at, end)
        at = between.end() if between else at
        opening = _OPENING.match(text, at, end)
        if opening is None:
            break
        prefix, quote = opening[1].lower(), opening[2]
        if "f" in prefix:
            at = _formatted(text, opening.end(), end, quote, "r" in prefix, found)
            continue
        content = _CONTENT[quote].match(text, opening.end(), end)
        close = content.end() if content else opening.end()
        found.append(_decoded(text, opening.end(), close, "r" in prefix))
        at = close + len(quote)
    return found


def _decoded(text: str, start: int, end: int, raw: bool) -> Stretch:
    pattern = _LINE_END if raw else _ESCAPE
    pieces: list[str] = []
    places = array("I")
    at = start
    for match in pattern.finditer(text, start, end):
        pieces.append(text[at : match.start()])
        places.extend(range(at, match.start()))
        meant = _meant(match)
        pieces.append(meant)
        places.extend([match.start()] * len(meant))
        at = match.end()
    if not pieces:
        return Stretch(text[start:end], range(start, end + 1))
    pieces.append(text[at:end])
    places.extend(range(at, end + 1))
    return Stretch("".join(pieces), places)


def _meant(match: re.Match[str]) -> str:
    kind = match.lastgroup
    if kind is None:
        return "\n"
    written = match[kind]
    if kind == "line":
        return ""
    if kind == "one":
        return _MEANT.get(written, written)
    if kind == "name":
        try:
            return unicodedata.lookup(written)
        except KeyError:
            return "?"
    code = int(written, 8 if kind == "octal" else 16)
    return chr(code) if code <= 0x10FFFF else "?"


def _formatted(text: str, at: int, end: int, quote: str, raw: bool, found: list[Stretch | Field]) -> int:
    """Read an f-string from behind its opening quote; the offset behind its closing one."""
    begun = at
    while at < end:
        char = text[at]
        if char == "\\" and not raw:
            at += 2
        elif char in "{}":
            if at > begun:
                found.append(_decoded(text, begun, at, raw))
            if text.startswith(char * 2, at):
                found.append(Stretch(char, (at, at + 2)))
                at += 2
            elif char == "}":
                at += 1
            else:
                closed = _closing(text, at, end)
                found.append(Field(at, closed))
                at = closed
            begun = at
        elif char == quote[0] and text.startswith(quote, at):
            break
        else:
            at += 1
    found.append(_decoded(text, begun, at, raw))
    return at + len(quote)


def _closing(text: str, at: int, end: int) -> int:
    """The offset behind the brace that closes the one at `at`."""
    depth = 0
    while at < end:
        char = text[at]
        if char in _OPENS:
            depth += 1
        elif char in _CLOSES:
            depth -= 1
            if not depth:
                return at + 1
        elif char in "'\"":
            opening = _OPENING.match(text, at, end)
            content = opening and _CONTENT[opening[2]].match(text, opening.end(), end)
            if opening and content and text.startswith(opening[2], content.end()):
                at = content.end() + len(opening[2]) - 1
        at += 1
    return end
