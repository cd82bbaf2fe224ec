"""Definitions of state machines and flows: where they stand, and what takes the place of `${name}` in them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bedrock_policy_lint.frontends.template.computed import cut, masked, parts_at, pieces_of, text_node, text_of
from bedrock_policy_lint.model.text import is_text
from bedrock_policy_lint.sources.node import Node, Object

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bedrock_policy_lint.frontends.places import ReadTree
    from bedrock_policy_lint.frontends.resources import AnyResources, Resource
    from bedrock_policy_lint.frontends.template.computed import Piece

_placeholder = re.compile(r"\$\{([^${}\0]+)\}")


def definition(resources: AnyResources, component: Resource, load: ReadTree | None, *files: str) -> Node | None:
    """The tree of a definition that stands in the template, or in a local file that one of these properties names."""
    root = component.get("Definition")
    if root is not None:
        return root
    written = component.get("DefinitionString")
    if written is not None:
        return resources.embedded(written) if is_text(written) else written
    named = (component.get(name) for name in files)
    local = next((node for node in named if node is not None and isinstance(node.value, str)), None)
    return None if load is None or local is None or "://" in local.value else load(local)


def substitutions(component: Resource) -> dict[str, Node]:
    """What stands in a definition for each `${name}`."""
    node = component.get("DefinitionSubstitutions")
    if node is None or not isinstance(node.value, Object):
        return {}
    return {key.value: value for key, value in node.value.pairs() if isinstance(key.value, str)}


def substituted(node: Node, values: Mapping[str, Node]) -> Node:
    """A tree with values in place of the `${name}` in its texts; a text that is one of them is its value."""
    if not values:
        return node
    if isinstance(node.value, list):
        children = [substituted(child, values) for child in node.value]
        return Node(Object(children) if isinstance(node.value, Object) else children, node.start, node.end, node.source)
    return _text_substituted(node, values) if is_text(node) and "${" in str(node.value) else node


def _text_substituted(node: Node, values: Mapping[str, Node]) -> Node:
    text = str(node.value)
    whole = _placeholder.fullmatch(text)
    if whole and isinstance(node.value, str) and whole[1] in values:
        return values[whole[1]]
    # A hole may read like a name of the definition, and is none.
    pieces = pieces_of(node)
    literals = masked(pieces)
    found: list[Piece] = []
    at = 0
    for match in _placeholder.finditer(literals):
        value = text_of(values[match[1]]) if match[1] in values else None
        if value is not None:
            found += [*cut(pieces, at, match.start()), *parts_at(value, node, *match.span())]
            at = match.end()
    return text_node([*found, *cut(pieces, at, len(text))], node)
