"""What an edit comes to in the text that it concerns."""

from __future__ import annotations

from typing import NamedTuple

from bedrock_policy_lint.sources.source import Source


class Rewrite(NamedTuple):
    """A stretch of one text and what to write there."""

    source: Source
    start: int
    end: int
    text: str


class UnfitError(Exception):
    """An edit that cannot be written where it is wanted without doing more than was asked."""
