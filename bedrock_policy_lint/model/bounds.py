"""What is certain of a text with wildcards or holes: how it begins, and the widest that it can be."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bedrock_policy_lint.model.text import Text


def head(text: Text) -> str:
    """The literal beginning of a text, up to its first wildcard or hole."""
    first = text if isinstance(text, str) else text.parts[0]
    if not isinstance(first, str):
        return ""
    ends = [at for at in (first.find("*"), first.find("?")) if at >= 0]
    return first[: min(ends)] if ends else first


def widest(text: Text) -> str:
    """The text with every hole as a star: a pattern that matches whatever the text can stand for."""
    return spelled(text, "*")


def spelled(text: Text, hole: str) -> str:
    """The text with every hole written like this."""
    return text if isinstance(text, str) else "".join(part if isinstance(part, str) else hole for part in text.parts)
