"""The policy templates of SAM, and policies that SAM makes up: they are written nowhere, and point at what asks for
them."""

from __future__ import annotations

import os
import re
from functools import cache
from typing import TYPE_CHECKING, Any

from bedrock_policy_lint.frontends import policy_document
from bedrock_policy_lint.frontends.template.computed import placed
from bedrock_policy_lint.model.policy import Attachment
from bedrock_policy_lint.model.text import Hole, join, parts_of
from bedrock_policy_lint.sources.node import Node, Object
from bedrock_policy_lint.sources.source import Source, Span

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bedrock_policy_lint.frontends.document import Document
    from bedrock_policy_lint.model.policy import Policy
    from bedrock_policy_lint.model.text import Text

_DATA = os.path.join(os.path.dirname(__file__), "data", "sam_policies.json")
_named = re.compile(r"\$\{([^}]+)\}").split


class Made(Source):
    """The text of what SAM makes, of which a file shows only what asks for it."""

    __slots__ = ("asker",)

    def __init__(self, asker: Node) -> None:
        super().__init__(asker.source.path, str(asker.value))
        self.asker = asker

    def in_file(self, start: int, end: int) -> Span:
        """Where what asks for it stands."""
        return self.asker.source.in_file(self.asker.start, self.asker.end)


def names() -> tuple[str, ...]:
    """Every policy template."""
    return tuple(_templates())


def parameters(name: str) -> tuple[str, ...]:
    """What a policy template must be given."""
    return tuple(_templates()[name]["parameters"])


def statements(name: str) -> list[dict[str, Any]]:
    """The statements of a policy template; none for one that grants nothing which Bedrock works with."""
    return [{"Effect": "Allow", **statement} for statement in _templates()[name].get("statements", ())]


def fill(pattern: str, values: Mapping[str, Text]) -> Text:
    """The text with each `${Name}` in it replaced by the value of that name, else by a hole."""
    parts: list[str | Hole] = []
    for at, part in enumerate(_named(pattern)):
        if at % 2 == 0:
            parts.append(part)
        elif part in values:
            parts += parts_of(values[part])
        else:
            parts.append(Hole(part, f"${{{part}}}"))
    return join(parts)


def make(
    asker: Node, attachment: Attachment, given: list[dict[str, Any]], values: Mapping[str, Text], document: Document
) -> Policy:
    """The policy of these statements with the values filled in."""
    source = Made(asker)
    document.add_root(Node(source.text, 0, len(source.text), source), asker)
    tree = _Builder(source, values).node({"Statement": given})
    return policy_document.read(tree, attachment, [])


class _Builder:
    """Makes nodes of plain data."""

    def __init__(self, source: Source, values: Mapping[str, Text]) -> None:
        self.source = source
        self.values = values
        self.origin = Node(None, 0, len(source.text), source)

    def node(self, value: Any) -> Node:
        if isinstance(value, str):
            return placed(fill(value, self.values), self.origin)
        children: list[Node] = []
        if isinstance(value, dict):
            children = Object()
            for key, member in value.items():
                children += (placed(key, self.origin), self.node(member))
        else:
            children += (self.node(item) for item in value)
        return Node(children, 0, len(self.source.text), self.source)


@cache
def _templates() -> dict[str, Any]:
    import json

    with open(_DATA, encoding="utf-8") as file:
        templates: dict[str, Any] = json.load(file)["templates"]
    return templates
