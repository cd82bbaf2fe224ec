"""Which values the expressions of a module compare its variables to."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from bedrock_policy_lint.frontends.terraform.validations import bare, texts_in, variable_in
from bedrock_policy_lint.sources import hcl_tree as tree

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.frontends.terraform.module import Module

_MOST = 8
"""A variable that is compared to more is not asked about for each."""

_compares = re.compile(r"[=!]=|contains").search

Literals = dict[str, tuple[str | None, ...]]
"""By variable, in the order of the text; None for null."""


def literals_in(module: Module) -> Literals:
    """By variable: the texts that expressions compare it to; null among them as None."""
    found: dict[str, dict[str | None, None]] = {}
    for expression in _expressions(module):
        if _may_compare(expression):
            _scan(expression, found)
    return {name: tuple(texts)[:_MOST] for name, texts in found.items()}


def _may_compare(part: tree.Expression | tree.Body) -> bool:
    source = part.source
    # JSON may write any character in another way.
    return source.path.endswith(".json") or _compares(source.text, part.start, part.end) is not None


def _expressions(module: Module) -> Iterator[tree.Expression]:
    yield from (local.value for local in module.locals.values())
    waiting: list[tree.Body] = [one.body for one in module.resources.values()]
    waiting += [one.body for one in module.calls.values()]
    waiting += [one.body for one in module.outputs.values()]
    waiting += [one.body for one in module.providers.values()]
    while waiting:
        body = waiting.pop()
        if type(body) is tree.Body and not _may_compare(body):
            continue  # as most: only one that is put together of several files has more than its own text
        yield from (attribute.value for attribute in body.attributes())
        waiting += nested(body)


def nested(body: tree.Body) -> list[tree.Body]:
    """The bodies of all blocks in a body; in JSON none, where nobody knows yet which members are blocks."""
    names = dict.fromkeys(name.text for name in body.names())
    known = {attribute.name.text for attribute in body.attributes()}
    left = [name for name in names if name not in known]
    return [block.body for name in left for labels in (0, 1) for block in body.blocks(name, labels)]


def _scan(expression: tree.Expression, found: dict[str, dict[str | None, None]]) -> None:
    left: list[Any] = [expression]
    while left:
        node = left.pop()
        if type(node) is tree.Binary and node.operator in ("==", "!="):
            for side, other in ((node.left, node.right), (node.right, node.left)):
                _compared(variable_in(side), bare(other), found)
        elif type(node) is tree.Call and node.name.text == "contains" and len(node.arguments) == 2:
            name = variable_in(node.arguments[1])
            for text in texts_in(node.arguments[0]) if name else ():
                found.setdefault(name, {})[text] = None
        left += [child for child in node if isinstance(child, tuple)]


def _compared(name: str, other: tree.Expression, found: dict[str, dict[str | None, None]]) -> None:
    if not name:
        return
    text = tree.plain_text(other)
    if text is not None:
        found.setdefault(name, {})[text] = None
    elif type(other) is tree.Literal and other.value is None:
        found.setdefault(name, {})[None] = None
