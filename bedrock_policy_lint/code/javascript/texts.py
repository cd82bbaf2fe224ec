"""The texts that code writes: escapes resolved, and where each of their characters stands."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from bedrock_policy_lint.sources.node import Node

if TYPE_CHECKING:
    from bedrock_policy_lint.model.text import Text
    from bedrock_policy_lint.sources.source import Source

_ESCAPE = re.compile(
    r"\\(?:x(?P<byte>[0-9a-fA-F]{2})|u(?P<four>[0-9a-fA-F]{4})|u\{(?P<braced>[0-9a-fA-F]{1,6})\}"
    r"|(?P<line>\r\n|[\n\r\u2028\u2029])|(?P<char>[\s\S]))|(?P<end>\r\n?)"
)
_MEANING = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "v": "\v", "f": "\f", "0": "\0"}
_SURROGATES = re.compile("[\ud800-\udbff][\udc00-\udfff]")
_LONELY = re.compile("[\ud800-\udfff]")


class Written(Node):
    """A value as it is written, a text between quotes among them."""

    __slots__ = ()

    def offsets(self) -> Sequence[int]:
        """Where each character of the text begins, and where the last one ends."""
        return unescaped(self.source.text, self.start + 1, self.end - 1)[1]


class Composed(Node):
    """A text that several pieces of code make, or that only running the code would tell."""

    __slots__ = ("places",)

    def __init__(self, value: Text, start: int, end: int, source: Source, places: Sequence[int]) -> None:
        super().__init__(value, start, end, source)
        self.places = places

    def offsets(self) -> Sequence[int]:
        """Where each character begins; that of a hole where the expression does that it stands for."""
        return self.places


class Presumed(Composed):
    """What an object that is not known may have, or not."""

    __slots__ = ()


def unescaped(text: str, start: int, end: int) -> tuple[str, Sequence[int]]:
    """What a stretch of a text means, and where each character of that begins, and the last one ends."""
    if text.find("\\", start, end) < 0 and text.find("\r", start, end) < 0:
        return text[start:end], range(start, end + 1)
    pieces: list[str] = []
    places: list[int] = []
    at = start
    for match in _ESCAPE.finditer(text, start, end):
        pieces.append(text[at : match.start()])
        places.extend(range(at, match.start()))
        meant = _meaning(match)
        pieces.append(meant)
        places.extend([match.start()] * len(meant))
        at = match.end()
    pieces.append(text[at:end])
    places.extend(range(at, end + 1))
    return _whole(pieces, places)


def _meaning(match: re.Match[str]) -> str:
    code = match["byte"] or match["four"] or match["braced"]
    if code is not None:
        number = int(code, 16)
        return chr(number) if number <= 0x10FFFF else "\ufffd"
    if match["char"] is not None:
        return _MEANING.get(match["char"], match["char"])
    return "" if match["line"] is not None else "\n"


def _whole(pieces: list[str], places: list[int]) -> tuple[str, Sequence[int]]:
    """Two halves of a character, each an escape of its own, put together."""
    text = "".join(pieces)
    for match in reversed(list(_SURROGATES.finditer(text))):
        at = match.start()
        pair = match[0].encode("utf-16", "surrogatepass").decode("utf-16")
        text = text[:at] + pair + text[at + 2 :]
        del places[at + 1]
    return _LONELY.sub("\ufffd", text), places
