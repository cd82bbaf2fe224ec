"""Regions that stand in other texts: in the URL of an endpoint, before the name of a model."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bedrock_policy_lint.code.python.literals import ComputedNode
from bedrock_policy_lint.code.site import REGION
from bedrock_policy_lint.model.text import Template, length, parts_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bedrock_policy_lint.code.site import Value
    from bedrock_policy_lint.model.text import Hole

_REGION = r"[a-z]{2}(?:-[a-z]+)+-\d"
_ENDPOINT = re.compile(rf"https://bedrock-(?:runtime|mantle)(?:-fips)?\.(?P<region>{_REGION})\.")
_BEFORE = re.compile(r"https://bedrock-(?:runtime|mantle)(?:-fips)?\.$")
_BEFORE_MODEL = re.compile(rf"(?P<region>{_REGION})/(?=.)")


def region(ends: Iterable[Value]) -> dict[str, tuple[Value, ...]]:
    """The Regions that URLs of endpoints name, as a call is given them."""
    found = tuple(value for end in ends if (value := _of_endpoint(end)) is not None)
    return {REGION: found} if found else {}


def _of_endpoint(end: Value) -> Value | None:
    text = end.node.value
    if isinstance(text, str):
        match = _ENDPOINT.match(text)
        return None if match is None else _part(end, *match.span("region"))
    parts = parts_of(text)
    first = parts[0]
    match = _ENDPOINT.match(first) if isinstance(first, str) else None
    if match is not None:
        return _part(end, *match.span("region"))
    if len(parts) < 3 or not isinstance(first, str) or not _BEFORE.match(first):
        return None
    after = parts[2]
    if isinstance(parts[1], str) or not isinstance(after, str) or not after.startswith("."):
        return None
    return _part(end, len(first), len(first) + length(Template((parts[1],))), parts[1])


def _part(value: Value, start: int, end: int, hole: Hole | None = None) -> Value:
    """A stretch of a text, where it is written."""
    node = value.node
    places = node.offsets()[start : end + 1]
    first = parts_of(node.value)[0]
    text = Template((hole,)) if hole is not None else str(first)[start:end]
    if places[0] > places[-1]:  # put together out of texts that stand apart
        return value._replace(node=ComputedNode(text, node.start, node.end, node.source))
    return value._replace(node=ComputedNode(text, places[0], places[-1], node.source, places))


def split_region(model: Value) -> tuple[Value, Value | None]:
    """A model and the Region that stands before it: `us-east-1/anthropic.claude-v2`."""
    text = model.node.value
    first = parts_of(text)[0]
    match = _BEFORE_MODEL.match(first) if isinstance(first, str) else None
    if match is None:
        return model, None
    size = match.end()
    node = model.node
    rest = text[size:] if isinstance(text, str) else Template((str(first)[size:], *parts_of(text)[1:]))
    left = ComputedNode(rest, node.start, node.end, node.source, node.offsets()[size:])
    return model._replace(node=left), _part(model, *match.span("region"))
