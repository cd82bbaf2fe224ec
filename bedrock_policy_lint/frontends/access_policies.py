"""The data access policies of OpenSearch Serverless, which are lists in JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.deployment.deployment import AccessGrant
from bedrock_policy_lint.sources.node import Object

if TYPE_CHECKING:
    from bedrock_policy_lint.sources.node import Node


def grants(tree: Node | None) -> tuple[AccessGrant, ...] | None:
    """What an access policy grants; None when not all of it is known."""
    if tree is None or not isinstance(tree.value, list) or isinstance(tree.value, Object):
        return None
    found = []
    for entry in tree.value:
        if not isinstance(entry.value, Object):
            return None
        principals = _entries(entry.value.get("Principal"))
        for rule in _entries(entry.value.get("Rules")):
            if not isinstance(rule.value, Object):
                return None
            kind = rule.value.get("ResourceType")
            found.append(
                AccessGrant(
                    str(kind.value) if kind is not None else "",
                    _entries(rule.value.get("Resource")),
                    _entries(rule.value.get("Permission")),
                    principals,
                )
            )
    return tuple(found)


def _entries(node: Node | None) -> tuple[Node, ...]:
    return tuple(node.items) if node is not None else ()
