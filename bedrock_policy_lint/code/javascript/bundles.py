"""Bundles: files that a program put together out of many, in which packages cannot be told from what calls them."""

from __future__ import annotations

import re

_SMALLEST = 20_000
_LINE = 400
"""People write shorter lines than this, even on average in a file of tables."""
_words = re.compile(r"[A-Za-z_$][\w$]*").findall
_calls = re.compile(r"bedrock-(?:agent-)?runtime|BedrockRuntime|BedrockAgentRuntime|bedrock-mantle").search


def is_bundle(text: str) -> bool:
    """Whether a text looks like a bundle."""
    return len(text) > _SMALLEST and text.count("\n") * _LINE < len(text)


def may_call(text: str) -> bool:
    """Whether a bundle may call Bedrock: it names a service."""
    return _calls(text) is not None


def names(text: str) -> frozenset[str]:
    """Every name in a bundle, and more."""
    return frozenset(_words(text))
