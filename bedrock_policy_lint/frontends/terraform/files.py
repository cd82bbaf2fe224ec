"""What an evaluator may read: files of the tree, through whoever guards it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from bedrock_policy_lint.sources.source import Source


class Loaded(NamedTuple):
    """What came of reading a file."""

    source: Source | None
    because: str = ""
    """Why it could not be read."""
    is_missing: bool = False
    """Whether the reason is that there is none."""


Files = Callable[[str], Loaded]
"""Reads the file at a path, which counts from the folder of the root module; never one outside of the tree."""
