"""IAM's wildcards: does a pattern match a text, cover another pattern, or meet it at all? Yes, no or unknown."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import product
from math import prod

from bedrock_policy_lint.model.bounds import spelled, widest
from bedrock_policy_lint.model.text import Template, Text, fill

Tri = bool | None
"""True, False, or None for what the file does not settle."""

_MOST_CHOICES = 32
_LONGEST = 4096
"""Longer patterns are not weighed against each other: the work grows with both lengths, and no ARN is so long."""
_ANYTHING = "\1"
"""A stretch of unknown length inside a text: only a star may take it, a question mark may not."""
_ONE = "\2"
"""One unknown character inside a text."""


def matches(pattern: Text, value: Text) -> Tri:
    """Whether `pattern` matches `value` for every way (True) or for no way (False) to fill their holes."""
    if isinstance(pattern, str) and isinstance(value, str):
        return glob(pattern, value)
    if isinstance(value, str) and isinstance(pattern, Template) and not any(hole.values for hole in pattern.holes):
        return None if meets(widest(pattern), value) else False
    answers: set[Tri] = {_match_open(fill(pattern, given), fill(value, given)) for given in choices(pattern, value)}
    return answers.pop() if len(answers) == 1 else None


def is_wild(pattern: Text) -> bool:
    """Whether a literal part holds `*` or `?`."""
    if isinstance(pattern, str):
        return "*" in pattern or "?" in pattern
    return any(isinstance(part, str) and ("*" in part or "?" in part) for part in pattern.parts)


def covers(wide: str, narrow: str) -> bool:
    """Whether every text that `narrow` matches is matched by `wide` too. True is a proof; False may be caution."""
    if len(narrow) > _LONGEST:
        return wide == narrow
    return glob(wide, narrow.replace("*", _ANYTHING).replace("?", _ONE))


def glob(pattern: str, value: str) -> bool:
    """Whether a pattern of literals, `*` and `?` matches the whole of `value`, in time linear in both for no `?`."""
    if "*" not in pattern:
        return pattern == value or ("?" in pattern and _piece(pattern).fullmatch(value) is not None)
    if len(pattern) - pattern.count("*") > len(value):
        return False
    first, *middle, last = _thin(pattern).split("*")
    if not (_equal(first, value[: len(first)]) and _equal(last, value[len(value) - len(last) :])):
        return False
    at, stop = len(first), len(value) - len(last)
    for piece in middle:
        # Taking each piece as early as possible leaves the most room for the rest.
        at = _find(piece, value, at, stop)
        if at < 0:
            return False
        at += len(piece)
    return True


def _equal(piece: str, value: str) -> bool:
    return piece == value or ("?" in piece and _piece(piece).fullmatch(value) is not None)


def _find(piece: str, value: str, start: int, stop: int) -> int:
    if "?" not in piece:
        return value.find(piece, start, stop)
    found = _piece(piece).search(value, start, stop)
    return found.start() if found else -1


@lru_cache(maxsize=1024)
def _piece(piece: str) -> re.Pattern[str]:
    one = f"[^{_ANYTHING}]"
    return re.compile("".join(one if char == "?" else re.escape(char) for char in piece), re.DOTALL)


@lru_cache(maxsize=4096)
def meets(one: str, other: str) -> bool:
    """Whether some text is matched by both patterns; of patterns longer than any ARN it is taken for granted."""
    if max(len(one), len(other)) > _LONGEST:
        return True
    for pattern, text in ((one, other), (other, one)):
        if not is_wild(text) and _ANYTHING not in text:
            return glob(pattern, text)
    one, other = _thin(one), _thin(other)
    places: dict[str, int] = {}
    for at, char in enumerate(other):
        places[char] = places.get(char, 0) | 1 << at
    stars, questions = places.pop("*", 0), places.pop("?", 0)
    inside = (1 << len(other)) - 1
    # Bit n: what has been read of `one` can be what the first n characters of `other` match.
    reach = 1
    for char in one:
        reach |= (reach & stars) << 1
        if char == "*":
            reach = (inside << 1 | 1) & -(reach & -reach)
        else:
            fits = inside if char == "?" else places.get(char, 0) | questions
            reach = (reach & stars) | (reach & fits) << 1
            if not reach:
                return False
    return bool((reach | (reach & stars) << 1) >> len(other) & 1)


def _thin(pattern: str) -> str:
    """The pattern with one star where several stand together."""
    while "**" in pattern:
        pattern = pattern.replace("**", "*")
    return pattern


def choices(*texts: Text) -> Iterator[dict[str, str]]:
    """Every way to choose from the closed sets of their holes: a hole has one value in all of the texts.

    Where there are too many ways, nothing is chosen.
    """
    holes = (hole for text in texts if isinstance(text, Template) for hole in text.holes)
    closed = {hole.name: hole.values for hole in holes if hole.values}
    if prod(map(len, closed.values())) > _MOST_CHOICES:
        closed = {}
    for chosen in product(*closed.values()):
        yield dict(zip(closed, chosen, strict=True))


def _match_open(pattern: Text, value: Text) -> Tri:
    """Match texts whose holes can be anything: None unless every filling gives the same answer."""
    if isinstance(pattern, str):
        # A hole of the value that falls to a star of the pattern is matched whatever it is.
        if glob(pattern, spelled(value, _ANYTHING)):
            return True
    elif pattern == value and not is_wild(pattern):
        return True
    return None if meets(widest(pattern), widest(value)) else False
