"""A template read again after a change to its text: its policies, in the world in which it was looked at before."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from bedrock_policy_lint.frontends.document import Document, Idiom
from bedrock_policy_lint.frontends.template import iam, resource_policies, sam, sam_globals, tree
from bedrock_policy_lint.frontends.template.policies import Policies
from bedrock_policy_lint.frontends.template.stack import Memory, open_stack
from bedrock_policy_lint.frontends.template.tree import LOOP
from bedrock_policy_lint.sources.node import Node, Object
from bedrock_policy_lint.sources.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.frontends.document import Part
    from bedrock_policy_lint.frontends.template.stack import Stack
    from bedrock_policy_lint.model.policy import Attachment

_MOST_KEPT = 16
"""The same change is judged in many Regions and for many calls, and a text that long need be parsed but once."""


def make_editable(stack: Stack) -> None:
    """Let the document of a stack tell how it is written, and what becomes of it when its text changes."""
    region, catalog, made = stack.evaluator.region, stack.catalog, frozenset(_made(stack))
    stack.document.idiom = Idiom(
        partition=(catalog.partition_of(region) if region else "") or "",
        region=region,
        account=stack.world.account,
        names=made.union(stack.outline.parameters),
        made=made,
    )
    stack.document.reread = lambda changed: _reread(stack, changed)
    text = stack.document.source.text
    if "&" not in text and LOOP not in text:
        # What stands elsewhere is neither named in a policy by an alias, nor is the policy in a loop.
        stack.document.reread_part = lambda changed, attachment: _reread_part(stack, changed, attachment)


def _made(stack: Stack) -> Iterator[str]:
    """The names of its resources, and of the roles that SAM makes for some."""
    evaluator = stack.evaluator
    for name in evaluator.entries:
        yield name
        if evaluator.kind_of(f"{name}Role"):
            yield f"{name}Role"


def _reread(stack: Stack, changed: Source) -> Document | None:
    """The policies of a changed text; None when it is no template any more."""
    found = _parsed(changed.path, changed.text)
    if found is None:
        return None
    document = Document(found.source)
    document.add_root(found.root)
    again = open_stack(found.whole, document, stack.world, stack.catalog, found.memory)
    again.evaluator.passed = stack.evaluator.passed
    again.evaluator.output = stack.evaluator.output
    read_policies(again, Policies(again))
    return document


def _reread_part(stack: Stack, changed: Source, attachment: Attachment) -> Part | None:
    """A policy by its changed text; None when it is none any more."""
    root = tree.parse(changed).root
    node = stack.evaluator.compute(root) if root is not None else None
    return Policies(stack).again(node, attachment) if node is not None and isinstance(node.value, Object) else None


class _Parsed(NamedTuple):
    """A changed text."""

    source: Source
    root: Node
    whole: Node
    """The tree with what `Globals` brings."""
    memory: Memory


@lru_cache(maxsize=_MOST_KEPT)
def _parsed(path: str, text: str) -> _Parsed | None:
    source = Source(path, text)
    root = tree.parse(source).root
    return _Parsed(source, root, sam_globals.with_globals(root), Memory()) if root is not None else None


def read_policies(stack: Stack, reader: Policies) -> None:
    """Read every policy of a template into its document."""
    iam.roles(stack, reader)
    sam.roles(stack, reader)
    iam.limits(stack, reader)
    resource_policies.resource_policies(stack, reader)
