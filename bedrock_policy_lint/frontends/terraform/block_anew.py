"""One block of a configuration read again after a change: of all policies, the one that it makes."""

from __future__ import annotations

from bisect import bisect_left
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from bedrock_policy_lint.frontends.document import Reread
from bedrock_policy_lint.frontends.template.computed import Computed
from bedrock_policy_lint.frontends.template.embedded import embedded
from bedrock_policy_lint.frontends.terraform import policy_documents
from bedrock_policy_lint.frontends.terraform.configuration import Component
from bedrock_policy_lint.frontends.terraform.policies import Policies
from bedrock_policy_lint.sources import hcl
from bedrock_policy_lint.sources import hcl_tree as tree
from bedrock_policy_lint.sources.node import Object
from bedrock_policy_lint.sources.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bedrock_policy_lint.frontends.document import Defect, Document, Part
    from bedrock_policy_lint.frontends.terraform.configuration import Configuration, Instance
    from bedrock_policy_lint.frontends.terraform.module import Declared
    from bedrock_policy_lint.model.policy import Policy
    from bedrock_policy_lint.sources.node import Node


class Block(NamedTuple):
    """A block at the top of a file that declares a resource or data source."""

    declared: Declared
    start: int
    end: int


class Blocks:
    """The blocks of one file of a module that is called but once."""

    def __init__(self, configuration: Configuration, instance: Instance, source: Source, places: Places) -> None:
        self._configuration = configuration
        self._places = places
        self._instance = instance
        self._source = source
        self._kept: list[Declared] = []
        """What was computed is known by the identity of what declares it, which must not come to be another's."""

    def around(self, start: int, end: int) -> Block | None:
        """The block that holds a stretch."""
        at = bisect_left(self._blocks, end, key=lambda block: block.end)
        found = self._blocks[at] if at < len(self._blocks) else None
        return found if found is not None and found.start <= start else None

    def reread(self, block: Block, changed: Source) -> Reread | None:
        """The policy that a block makes when the file with it reads like this; None where more hangs on it."""
        policies = self._policies_in(block)
        if len(policies) != 1:
            return None
        name = self._argument(block, policies[0])
        if not name or self._configuration.members(self._instance, block.declared).kind != "single":
            return None
        end = block.end + len(changed.text) - len(self._source.text)
        body = _body(Source(changed.path, changed.text[block.start : end]))
        after = self._again(block.declared, body, name, policies[0]) if body is not None else None
        if self._configuration.evaluator.is_exhausted:
            return None
        return Reread(policies[0], tuple(self._places.defects(self._source, block)), after)

    def _again(self, declared: Declared, body: tree.Body, name: str, policy: Policy) -> Part | None:
        configuration = self._configuration
        other = declared._replace(body=body)
        self._kept.append(other)
        member = configuration.members(self._instance, declared).found[0]
        component = Component(configuration, self._instance, other, member)
        node: Node | None
        if declared.type == policy_documents.TYPE:
            node = policy_documents.made(configuration, component)
        else:
            node = configuration.value(component, name)
        root = node.inner if isinstance(node, Computed) and node.inner is not None else embedded(node) if node else None
        if root is None or not isinstance(root.value, Object):
            return None
        return Policies(configuration).again(root, policy.attachment)

    def _argument(self, block: Block, policy: Policy) -> str:
        """The argument that a policy is the value of; empty where it comes of more than that."""
        declared, node = block.declared, policy.node
        if declared.type == policy_documents.TYPE:
            return "statement" if (node.source, node.start) == (self._source, declared.node.start) else ""
        span = node.source.in_file(node.start, node.end)
        for argument in declared.body.attributes():
            value = argument.value
            if span.source is self._source and value.start <= span.start and span.end <= value.end:
                is_whole = type(value) is not tree.Call or value.name.text == "jsonencode"
                return argument.name.text if is_whole else ""
        return ""

    @cached_property
    def _blocks(self) -> list[Block]:
        """Those that are written once, and of which no other file says anything."""
        found: list[Block] = []
        module = self._instance.module
        file = next(file for file in module.files if file.source is self._source)
        for kind, prefix in (("resource", ""), ("data", "data.")):
            for block in file.body.blocks(kind, 2):
                name = f"{prefix}{block.labels[0].text}.{block.labels[1].text}"
                declared = module.resources.get(name)
                if declared is not None and declared.body is block.body:
                    found.append(Block(declared, block.start, block.end))
        return sorted(found, key=lambda block: block.start)

    def _policies_in(self, block: Block) -> list[Policy]:
        return list({id(policy): policy for policy in self._places.policies(self._source, block)}.values())


class Places:
    """What is found where in the files of a configuration; looked for when somebody asks."""

    def __init__(self, document: Document) -> None:
        self._document = document

    def policies(self, source: Source, block: Block) -> Iterator[Policy]:
        """The policies of which a part stands in a block."""
        return (self._document.policies[number] for number in _within(self._policies.get(source, []), block))

    def defects(self, source: Source, block: Block) -> Iterator[Defect]:
        """What is wrong in a block."""
        return (self._document.defects[number] for number in _within(self._defects.get(source, []), block))

    @cached_property
    def _policies(self) -> dict[Source, list[tuple[int, int]]]:
        return _by_place(
            (node, number)
            for number, policy in enumerate(self._document.policies)
            for node in (policy.node, *(statement.node for statement in policy.statements))
        )

    @cached_property
    def _defects(self) -> dict[Source, list[tuple[int, int]]]:
        return _by_place((defect.node, number) for number, defect in enumerate(self._document.defects))


def _by_place(nodes: Iterable[tuple[Node, int]]) -> dict[Source, list[tuple[int, int]]]:
    """Numbers by file and by where the nodes that they belong to begin."""
    found: dict[Source, list[tuple[int, int]]] = {}
    for node, number in nodes:
        span = node.source.in_file(node.start, node.end)
        found.setdefault(span.source, []).append((span.start, number))
    for places in found.values():
        places.sort()
    return found


def _within(places: list[tuple[int, int]], block: Block) -> Iterator[int]:
    first, last = bisect_left(places, (block.start, -1)), bisect_left(places, (block.end, -1))
    return (number for _, number in places[first:last])


def _body(source: Source) -> tree.Body | None:
    """What stands in a block; None where it cannot be read."""
    body, errors = hcl.read(source)
    if errors:
        return None
    return next((block.body for kind in ("resource", "data") for block in body.blocks(kind, 2)), None)
