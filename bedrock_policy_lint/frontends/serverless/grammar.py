"""How a text holds variables of the Serverless Framework: `${opt:stage, self:custom.stage, 'dev'}`."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

MAX_NESTED = 10
"""Variables inside variables; the framework itself gives up there."""

_begins = re.compile(r"(?P<slashes>\\*)\$\{(?P<variable>[a-z][a-zA-Z0-9]*[(:])?")
_type = re.compile(r"\s*([a-z][a-zA-Z0-9]*)(?=[(:])")
_quoted = re.compile(r"""\s*(?:'([^']*)'|"((?:[^"\\]|\\.)*)")\s*""")
_number = re.compile(r"-?\d{1,300}(?:\.\d{1,300})?", re.ASCII).fullmatch
_WORDS = {"true": True, "false": False, "null": None}


class Origin(NamedTuple):
    """One place that a variable's value may come from."""

    type: str
    """`self`, `opt`, `file`, …; empty for a literal."""
    params: tuple[Pieces, ...] = ()
    address: Pieces = ()
    literal: str | int | float | bool | None = None
    at: int = -1
    """Where a quoted literal begins in the text, if it stands there as it is."""


class Variable(NamedTuple):
    """A variable in a text, with the places that are asked for its value in turn."""

    start: int
    end: int
    written: str
    origins: tuple[Origin, ...]


Pieces = tuple["str | Variable", ...]
"""A text taken apart; neighbouring literals may stand apart."""


class Parsed(NamedTuple):
    """A text with its variables."""

    variables: tuple[Variable, ...]
    dropped: tuple[int, ...]
    """Where backslashes stand that only keep a `${` from being read as a variable."""


@lru_cache(maxsize=4096)
def parse(text: str) -> Parsed:
    """The variables of a text, and nothing when it has none; what is no variable of the framework is plain text."""
    variables: list[Variable] = []
    dropped: list[int] = []
    at = 0
    while found := _begins.search(text, at):
        at = found.end("slashes") + 2
        if len(found["slashes"]) % 2:
            dropped.append(found.end("slashes") - 1)
        elif found["variable"] and (variable := _Reader(text).variable(found.end("slashes"), 0)):
            variables.append(variable)
            at = variable.end
    return Parsed(tuple(variables), tuple(dropped))


class _Reader:
    """Reads one variable of a text by descent; None wherever it turns out to be none."""

    def __init__(self, text: str) -> None:
        self.text = text

    def variable(self, start: int, depth: int) -> Variable | None:
        at = start + 2
        origins: list[Origin] = []
        while depth <= MAX_NESTED:
            read = self.origin(at, depth)
            if read is None:
                return None
            origin, at = read
            origins.append(origin)
            if self.text[at : at + 1] == "}":
                return Variable(start, at + 1, self.text[start : at + 1], tuple(origins))
            if self.text[at : at + 1] != ",":
                return None
            at += 1
        return None

    def origin(self, at: int, depth: int) -> tuple[Origin, int] | None:
        found = _type.match(self.text, at)
        if found is None:
            return self.literal(at, depth)
        at = found.end()
        params: list[Pieces] = []
        if self.text[at : at + 1] == "(":
            while self.text[at : at + 1] in ("(", ","):
                read = self.pieces(at + 1, ",)", depth)
                if read is None:
                    return None
                param, at = read
                params.append(param)
            at += 1
        address: Pieces = ()
        if self.text[at : at + 1] == ":":
            read = self.pieces(at + 1, ",}", depth)
            if read is None:
                return None
            address, at = read
        while self.text[at : at + 1] == " ":
            at += 1
        return Origin(found[1], tuple(params), address), at

    def literal(self, at: int, depth: int) -> tuple[Origin, int] | None:
        quoted = _quoted.match(self.text, at)
        if quoted is not None:
            plain = quoted[1]
            if plain is not None:
                return Origin("", literal=plain, at=quoted.start(1)), quoted.end()
            return Origin("", literal=_unescaped(quoted[2])), quoted.end()
        read = self.pieces(at, ",}", depth)
        if read is None:
            return None
        pieces, end = read
        origin = Origin("", address=pieces) if any(isinstance(piece, Variable) for piece in pieces) else None
        return origin or Origin("", literal=_typed(self.text[at:end].strip())), end

    def pieces(self, at: int, ends: str, depth: int) -> tuple[Pieces, int] | None:
        """What stands up to one of these characters."""
        quoted = _quoted.match(self.text, at)
        if quoted is not None and self.text[quoted.end() : quoted.end() + 1] in ends:
            return (quoted[1] if quoted[1] is not None else _unescaped(quoted[2]),), quoted.end()
        pieces: list[str | Variable] = []
        begun = at
        while at < len(self.text) and self.text[at] not in ends:
            if self.text.startswith("${", at):
                variable = self.variable(at, depth + 1)
                if variable is None:
                    return None
                pieces += [self.text[begun:at], variable]
                at = begun = variable.end
            else:
                at += 1
        if at >= len(self.text):
            return None
        pieces.append(self.text[begun:at])
        return _trimmed(pieces), at


def _trimmed(pieces: list[str | Variable]) -> Pieces:
    if isinstance(pieces[0], str):
        pieces[0] = pieces[0].lstrip()
    if isinstance(pieces[-1], str):
        pieces[-1] = pieces[-1].rstrip()
    return tuple(piece for piece in pieces if piece != "")


def _typed(word: str) -> str | int | float | bool | None:
    if word in _WORDS:
        return _WORDS[word]
    if _number(word):
        return float(word) if "." in word else int(word)
    return word


def _unescaped(quoted: str) -> str:
    import json

    try:
        return str(json.loads(f'"{quoted}"', strict=False))
    except ValueError:
        return quoted
