"""The policy variables in a text, filled in with what a request carries."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bedrock_policy_lint.authorize.keys import MULTIVALUED
from bedrock_policy_lint.authorize.request import Unknown
from bedrock_policy_lint.authorize.texts import literal
from bedrock_policy_lint.model.text import Hole, Text, join

if TYPE_CHECKING:
    from bedrock_policy_lint.authorize.request import Request

_DEFAULT = re.compile(r"\$\{[^,]*,\s*'([^']*)'\s*\}")


def settled(text: Text, request: Request, why: list[str]) -> Text | None:
    """A policy's text with its variables filled in for a request; None when one of them has no value.

    What is filled in has no wildcards, so the text is to be matched against a `literal` value. A variable whose value
    is not known stays a hole, and `why` says so.
    """
    if isinstance(text, str):
        return text
    parts: list[str | Hole] = []
    for part in text.parts:
        if isinstance(part, str) or not (part.at_request or _is_escape(part)):
            parts.append(part)
            continue
        value = part.values[0] if _is_escape(part) else _value(part, request, why)
        if value is None:
            return None
        given = literal(value) if not isinstance(value, Hole) else value
        parts.extend((given,) if isinstance(given, str | Hole) else given.parts)
    return join(parts)


def _is_escape(hole: Hole) -> bool:
    return hole.name in ("*", "?", "$") and hole.values == (hole.name,)


def _value(hole: Hole, request: Request, why: list[str]) -> Text | Hole | None:
    """What a variable stands for: a text, itself when nobody knows, None when the request does not carry it."""
    key = hole.name.lower()
    value = request.value(key)
    has_default = "," in hole.written
    if isinstance(value, Unknown):
        why.append(value.reason)
    elif not value and not has_default:
        return None
    elif key in MULTIVALUED or len(value) > 1:
        why.append(f"`{hole.name}` can have several values, and AWS does not define it as a variable")
    else:
        default = _DEFAULT.fullmatch(hole.written)
        if filled := value[0] if value else default and default[1]:
            return filled
        # A tag may have no text. AWS does not say whether that, or such a default, counts as a value.
        empty = f"AWS does not say whether the empty text is a value for `{hole.written}`"
        why.append(empty if value or default else f"the default of `{hole.written}` is not written as AWS reads it")
    return _unknown(hole)


def _unknown(hole: Hole) -> Hole:
    """The variable as a hole that no hole of a request can be the same as."""
    return hole._replace(name=f"{hole.written} in the policy")
