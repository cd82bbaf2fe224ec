"""Path patterns as `.gitignore` and configurations have them: `*`, `?`, `[a-z]`, and `**` that crosses folders."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

ANYWHERE = "(?:[^/]*/)*"
"""The regular expression of any number of folders."""

_NEVER = "(?!)"


def path_matches(pattern: str, path: str) -> bool:
    """Whether a slash-separated relative path matches a pattern of a configuration.

    A pattern without a slash is looked for in every folder; one that names a folder matches all below it. A backslash
    counts as a slash, for that is how paths are written on Windows.
    """
    return _compile(pattern).fullmatch(path) is not None


def fixed_part(pattern: str) -> str:
    """The path without wildcards that everything lies at or below that a pattern matches; empty when it is anywhere."""
    pattern = pattern.replace("\\", "/")
    if not _is_anchored(pattern):
        return ""
    fixed = []
    for name in _body(pattern).split("/"):
        if any(char in name for char in "*?["):
            break
        fixed.append(name)
    return "/".join(fixed)


@lru_cache(maxsize=512)
def _compile(pattern: str) -> re.Pattern[str]:
    pattern = pattern.replace("\\", "/")
    start = "" if _is_anchored(pattern) else ANYWHERE
    return re.compile(start + translate(_body(pattern)) + "(?:/.*)?", re.DOTALL)


def _is_anchored(pattern: str) -> bool:
    return "/" in pattern.rstrip("/")


def _body(pattern: str) -> str:
    return pattern.strip("/").removeprefix("./")


def translate(pattern: str) -> str:
    """The regular expression of a pattern.

    Whatever stands between two stars is taken at its first place and kept there, which loses no match and keeps the
    work small for patterns that a stranger wrote.
    """
    stretches: list[list[str]] = [[]]
    for piece in _pieces(pattern):
        if piece == "**/":
            stretches.append([])
        else:
            stretches[-1].append(piece)
    first, *rest = [_stretch(pieces) for pieces in stretches]
    if not rest:
        return first
    *middle, last = rest
    return first + "".join(f"(?>{ANYWHERE}?{stretch})" for stretch in middle) + ANYWHERE + last


def _stretch(pieces: list[str]) -> str:
    """What stands between two `**/`, whose stars stay within one name."""
    runs = [""]
    for piece in pieces:
        if piece == "*":
            runs.append("")
        else:
            runs[-1] += piece
    first, *rest = runs
    if not rest:
        return first
    *middle, last = rest
    return first + "".join(f"(?>[^/]*?{run})" for run in middle) + "[^/]*" + last


def _pieces(pattern: str) -> Iterator[str]:
    """`*`, `**/`, or the regular expression of what else stands there."""
    at = 0
    while at < len(pattern):
        char = pattern[at]
        end = at + 1
        if char == "*":
            end = len(pattern) - len(pattern[at:].lstrip("*"))
            whole = end - at > 1 and pattern[at - 1 : at] in ("", "/")
            if whole and end == len(pattern):
                yield ".*"
            elif whole and pattern[end] == "/":
                end += 1
                yield "**/"
            else:
                yield "*"
        elif char == "?":
            yield "[^/]"
        elif char == "[":
            regex, end = _class(pattern, at)
            yield regex
        elif char == "\\":
            end = at + 2
            yield re.escape(pattern[at + 1]) if end <= len(pattern) else _NEVER
        else:
            yield re.escape(char)
        at = end


def _class(pattern: str, at: int) -> tuple[str, int]:
    """The regular expression of the set of characters that opens there, and where it ends; one without end is none."""
    negated = pattern[at + 1 : at + 2] in ("!", "^")
    first = at = at + 1 + negated
    ranges = []
    while pattern[at : at + 1] != "]" or at == first:
        low, at = _member(pattern, at)
        high = low
        if pattern[at : at + 1] == "-" and pattern[at + 1 : at + 2] not in ("", "]"):
            high, at = _member(pattern, at + 1)
        if not low or not high:
            return _NEVER, len(pattern)
        # Of a range that runs backwards git takes the first character.
        ranges.append(f"{re.escape(low)}-{re.escape(high)}" if low <= high else re.escape(low))
    return f"(?!/)[{'^' if negated else ''}{''.join(ranges)}]", at + 1


def _member(pattern: str, at: int) -> tuple[str, int]:
    at += pattern[at : at + 1] == "\\"
    return pattern[at : at + 1], at + 1
