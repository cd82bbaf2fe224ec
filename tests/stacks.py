"""A template's text as a stack, for tests of what reads stacks."""

from __future__ import annotations

from bedrock_policy_lint.catalog import default
from bedrock_policy_lint.deployment.world import World
from bedrock_policy_lint.frontends.document import Document
from bedrock_policy_lint.frontends.template.stack import Memory, Stack, open_stack
from bedrock_policy_lint.frontends.template.tree import parse
from bedrock_policy_lint.sources.source import Source


def open_text(text: str, world: World = World()) -> Stack:  # noqa: B008 - it is a constant
    """The template in a world, without one in that where nothing is settled."""
    return open_worlds(text, world)[0]


def open_worlds(text: str, *worlds: World) -> list[Stack]:
    """The template in each of these worlds, in turn and with one memory."""
    root = parse(Source("template.yaml", text)).root
    assert root is not None
    memory = Memory()
    stacks = []
    for world in worlds:
        document = Document(root.source)
        document.add_root(root)
        stacks.append(open_stack(root, document, world, default(), memory))
    return stacks
