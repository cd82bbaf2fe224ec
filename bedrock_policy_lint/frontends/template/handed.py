"""Identities whose names a template hands out, so that policies may be attached to them where nobody can see it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bedrock_policy_lint.sources.node import Object

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.frontends.template.stack import Stack
    from bedrock_policy_lint.sources.node import Node

_TAKERS = (
    *("AWS::CloudFormation::CustomResource", "AWS::CloudFormation::Stack", "AWS::CloudFormation::StackSet"),
    "AWS::Serverless::Application",
)
_CUSTOM = "Custom::"
_references = re.compile(r"\$\{\s*(\w+)\s*\}").findall


def handed_out(stack: Stack) -> frozenset[str]:
    """The logical ids whose `Ref` a custom resource or another stack is given, or that are exported.

    To an ARN alone nothing can be attached.
    """
    evaluator = stack.evaluator
    takers = (name for name in evaluator.entries if _takes(evaluator.kind_of(name)))
    exports = (output for _, output in stack.outline.outputs.pairs() if _is_exported(output))
    found = (*(evaluator.entries[name].node for name in takers), *exports)
    return frozenset(name for node in found for name in _referred(node))


def _takes(kind: str) -> bool:
    return kind.startswith(_CUSTOM) or kind in _TAKERS


def _is_exported(output: Node) -> bool:
    return output.get("Export") is not None


def _referred(node: Node) -> Iterator[str]:
    """Everything that a tree names by `Ref`, or by `Fn::Sub` as that does."""
    left = [node]
    while left:
        value = left.pop().value
        if isinstance(value, str):
            yield from _references(value) if "${" in value else ()
        elif isinstance(value, list):
            if isinstance(value, Object) and len(value) == 2 and value[0].value == "Ref":
                yield str(value[1].value)
            left.extend(value)
