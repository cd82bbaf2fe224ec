"""Ignores in the `Metadata` of a template or of one of its resources, where JSON and constructs have no comments.

    Metadata:
      bedrock-policy-lint:
        ignore:
          - {rule: some-rule, reason: why it may stay, address: "ChatRole > *"}

Or shorter, `ignore: {some-rule: why it may stay}`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bedrock_policy_lint.frontends.template.tree import LOOP
from bedrock_policy_lint.sources.node import Node, Object
from bedrock_policy_lint.sources.source import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

_TOOL = "bedrock-policy-lint"
_MOST = 1000
"""So many ignores may stand in one place, and a pattern may have so many characters: every finding is held against all
of them."""


class MetadataIgnore(NamedTuple):
    """One ignore as it is written."""

    span: Span
    """What names the rule, or what could not be understood."""
    scope: Span | None
    """The resource that it speaks of, in the file; None for the whole template."""
    rule: str = ""
    reason: str = ""
    address: str = "*"
    """A pattern for the addresses of findings."""
    malformed: bool = False


def metadata_ignores(root: Node) -> Iterator[MetadataIgnore]:
    """The ignores in a template, first those of the whole, then those of its resources in the order of the text."""
    if not isinstance(root.value, Object):
        return
    yield from _of(root, None)
    for key, resource in _resources(root):
        yield from _of(resource, key.source.in_file(key.start, resource.end))


def _resources(root: Node) -> Iterator[tuple[Node, Node]]:
    """Every resource with its logical id; the Serverless Framework has them a step deeper."""
    framework = root.value.get("resources")
    for part in (root, *(framework.items if framework is not None else ())):
        resources = part.get("Resources")
        if resources is not None:
            yield from _members(resources)


def _members(mapping: Node) -> Iterator[tuple[Node, Node]]:
    """The resources in a mapping; those in the body of a loop are written there once for all rounds."""
    if not isinstance(mapping.value, Object):
        return
    for key, value in mapping.value.pairs():
        if isinstance(value.value, Object):
            yield key, value
        elif key.value.startswith(LOOP) and isinstance(value.value, list):
            for body in value.value[2:3]:
                yield from _members(body)


def _of(owner: Node, scope: Span | None) -> Iterator[MetadataIgnore]:
    ours = owner.get("Metadata", _TOOL)
    if ours is None:
        return
    if not isinstance(ours.value, Object):
        yield _malformed(ours, scope)
        return
    for key, value in ours.value.pairs():
        if key.value == "ignore":
            yield from _ignores(value, scope)
        else:
            yield _malformed(key, scope)


def _ignores(written: Node, scope: Span | None) -> Iterator[MetadataIgnore]:
    if isinstance(written.value, Object) and written.value.get("rule") is None:
        entries = [_short(key, reason, scope) for key, reason in list(written.value.pairs())[: _MOST + 1]]
    elif isinstance(written.value, list):
        entries = [_long(entry, scope) for entry in written.items[: _MOST + 1]]
    else:
        entries = [_malformed(written, scope)]
    yield from entries[:_MOST]
    if len(entries) > _MOST:
        yield _malformed(written, scope)


def _short(key: Node, reason: Node, scope: Span | None) -> MetadataIgnore:
    told = _text(reason)
    return _malformed(key, scope) if told is None else MetadataIgnore(_span(key), scope, key.value, told)


def _long(entry: Node, scope: Span | None) -> MetadataIgnore:
    if not isinstance(entry.value, Object):
        return _malformed(entry, scope)
    members = {key.value: value for key, value in entry.value.pairs()}
    rule, reason, address = (members.pop(name, None) for name in ("rule", "reason", "address"))
    name = _text(rule)
    told = _text(reason)
    pattern = "*" if address is None else _text(address)
    if members or rule is None or not name or told is None or not pattern or len(pattern) > _MOST:
        return _malformed(entry, scope)
    return MetadataIgnore(_span(rule), scope, name, told, pattern)


def _text(node: Node | None) -> str | None:
    """The text of a node, empty where nothing is written; None where something else is."""
    if node is None or node.value is None:
        return ""
    return node.value.strip() if isinstance(node.value, str) else None


def _malformed(node: Node, scope: Span | None) -> MetadataIgnore:
    return MetadataIgnore(_span(node), scope, malformed=True)


def _span(node: Node) -> Span:
    return Span(node.source, node.start, node.end)
