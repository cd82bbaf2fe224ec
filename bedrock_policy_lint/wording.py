"""How messages name what was found, what is allowed and what was probably meant."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

_LONGEST = 60


def did_you_mean(word: str, candidates: Iterable[Any]) -> str:
    """`; did you mean …?` with the nearest three names, or nothing when none is near."""
    import difflib

    near = difflib.get_close_matches(word, [str(name) for name in candidates], 3, 0.6)
    return f"; did you mean {one_of(near)}?" if near else ""


def one_of(names: Iterable[Any]) -> str:
    """`a`, `b` or `c`."""
    return _listed(names, "or")


def all_of(names: Iterable[Any]) -> str:
    """`a`, `b` and `c`."""
    return _listed(names, "and")


def _listed(names: Iterable[Any], joint: str) -> str:
    quoted = [f"`{name}`" for name in names]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} {joint} {quoted[-1]}"


def found(value: Any) -> str:
    """A value of a configuration as a message shows it."""
    if value == "":
        return "an empty text"
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "nothing"}[value]
    if isinstance(value, dict | list):
        return "a table" if isinstance(value, dict) else "a list"
    text = str(value)
    return f"`{text}`" if len(text) <= _LONGEST else f"`{text[:_LONGEST]}…`"
