"""Lists of commands in YAML that one shell runs one after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.code.shell.expressions import plain
from bedrock_policy_lint.code.shell.scope import Binding
from bedrock_policy_lint.code.shell.words import Script
from bedrock_policy_lint.sources.node import Node, Object

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bedrock_policy_lint.code.shell.expressions import Expressions
    from bedrock_policy_lint.code.shell.spelling import Spelled

_MOST_DEPTH = 10


def variables(node: Node | None, expressions: Expressions) -> dict[str, Binding]:
    """What a mapping sets in the environment."""
    found: dict[str, Binding] = {}
    if node is not None and isinstance(node.value, Object):
        for key, value in node.value.pairs():
            held = expressions.values(value.get("value") or value)
            if held:
                found[key.value] = Binding(held, is_exported=True, name=key)
    return found


def commands(nodes: Iterable[Node | None], depth: int = 0) -> Iterator[Node]:
    """The texts of lists of commands; lists may nest."""
    for node in nodes:
        if node is None or depth > _MOST_DEPTH:
            continue
        if isinstance(node.value, str):
            yield node
        elif isinstance(node.value, list) and not isinstance(node.value, Object):
            yield from commands(node.items, depth + 1)


def together(texts: Iterable[Node], expressions: Expressions) -> Script | None:
    """One script of several texts; None where there are none."""
    pieces: list[str] = []
    offsets: list[int] = []
    fills: dict[str, tuple[Spelled, ...]] = {}
    last: Script | None = None
    for node in texts:
        script = last = expressions.script(node)
        pieces += (script.text, "\n")
        offsets += script.offsets
        fills.update(script.fills)
    if last is None:
        return None
    return Script(last.source, "".join(pieces), [*offsets, offsets[-1]], fills)


def members(node: Node | None) -> Iterator[tuple[str, Node]]:
    """The members of a mapping by name."""
    if node is not None and isinstance(node.value, Object):
        for key, value in node.value.pairs():
            yield key.value, value


def text(node: Node | None) -> str:
    """A text; empty where there is none."""
    return "" if node is None else plain(node) or ""
