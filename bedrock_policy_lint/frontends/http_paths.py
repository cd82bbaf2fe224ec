"""Calls of Bedrock that are written as the paths of its HTTP API: `/model/ID/invoke`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bedrock_policy_lint.deployment.deployment import Call
from bedrock_policy_lint.frontends.template.computed import excerpt, placed
from bedrock_policy_lint.model.text import join, parts_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.sources.node import Node

RUNTIME, AGENTS = "bedrock-runtime", "bedrock-agent-runtime"

_MODEL_OPERATIONS = {
    "invoke": "InvokeModel",
    "invoke-with-response-stream": "InvokeModelWithResponseStream",
    "converse": "Converse",
    "converse-stream": "ConverseStream",
    "count-tokens": "CountTokens",
}
_FIELD = r"(?:\$\{[^}]*\}|[^\s/\"'`$]|\$(?!\{))+"
"""One field of a path, with holes and variables in it."""
_FIELDS = rf"{_FIELD}(?:/{_FIELD})*?"
_model_path = re.compile(rf"\bmodel/(?P<id>{_FIELDS})/(?P<verb>{'|'.join(_MODEL_OPERATIONS)})(?![\w-])").finditer
_AGENT_PATHS = (
    (re.compile(rf"\bknowledgebases/(?P<id>{_FIELD})/retrieve\b"), "Retrieve"),
    (re.compile(rf"\bagents/(?P<id>{_FIELD})/agentAliases/(?P<part>{_FIELD})/sessions/"), "InvokeAgent"),
    (re.compile(rf"\bflows/(?P<id>{_FIELD})/aliases/(?P<part>{_FIELD})(?![/\w])"), "InvokeFlow"),
)


def calls_in(node: Node, client: str) -> Iterator[Call]:
    """The calls whose paths stand in a text."""
    text = str(node.value)
    if client == RUNTIME:
        for match in _model_path(text):
            yield Call(_MODEL_OPERATIONS[match["verb"]], node, _named(node, match, "id"), client=client)
        return
    for pattern, operation in _AGENT_PATHS:
        for match in pattern.finditer(text):
            yield Call(operation, node, resource=_resource(node, match), client=client)


def _resource(node: Node, match: re.Match[str]) -> Node | None:
    whole = _named(node, match, "id")
    if "part" not in match.re.groupindex or whole is None:
        return whole
    part = _named(node, match, "part")
    return placed(join([*parts_of(whole.value), "/", *parts_of(part.value)]), part) if part is not None else None


def _named(node: Node, match: re.Match[str], group: str) -> Node | None:
    """What a field of the path names; None when that is only known at the request, as in `{modelId}`."""
    found = excerpt(node, *match.span(group))
    if any(mark in part for part in parts_of(found.value) if isinstance(part, str) for mark in "{$"):
        return None
    if isinstance(found.value, str) and "%" in found.value:
        from urllib.parse import unquote

        return placed(unquote(found.value), found)
    return found
