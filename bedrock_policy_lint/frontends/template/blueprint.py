"""A template of CloudFormation or SAM: its parts put together in each world that somebody asks about."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from bedrock_policy_lint.deployment import managed
from bedrock_policy_lint.deployment.deployment import Deployment
from bedrock_policy_lint.deployment.world import Inputs
from bedrock_policy_lint.frontends import jobs
from bedrock_policy_lint.frontends.document import Document
from bedrock_policy_lint.frontends.template import (
    anew,
    features,
    iam,
    integrations,
    nested,
    networks,
    octals,
    policies,
    resource_policies,
    sam,
    sam_globals,
    state_machines,
    tree,
    workloads,
)
from bedrock_policy_lint.frontends.template.role_names import role_of
from bedrock_policy_lint.frontends.template.stack import Memory, open_stack
from bedrock_policy_lint.sources.source import Source

if TYPE_CHECKING:
    from bedrock_policy_lint.catalog import Catalog
    from bedrock_policy_lint.deployment.world import World
    from bedrock_policy_lint.frontends.declared_policies import Load
    from bedrock_policy_lint.frontends.template.stack import Stack
    from bedrock_policy_lint.sources.node import Node


class TemplateBlueprint:
    """One template with everything beside it that it names."""

    def __init__(self, source: Source, parsed: tree.Parsed, load: Load, catalog: Catalog) -> None:
        assert parsed.root is not None  # noqa: S101 - only a text that could be read has a dialect
        self.inputs = Inputs()
        self._parsed = parsed
        self._root: Node = parsed.root
        self._whole = sam_globals.with_globals(parsed.root)
        self._load = load
        self._catalog = catalog
        self._family = nested.Family(catalog, load)
        self._memory = Memory()
        self._policies: policies.Memory = {}

    @property
    def document(self) -> Document:
        """The file, without the policies in it."""
        document = self._parsed.document(self._root)
        document.template = self._root
        return document

    def deployment(self, world: World) -> Deployment:
        """What it deploys in a world."""
        stack = open_stack(self._whole, self.document, world, self._catalog, self._memory)
        children, missing = self._family.children(stack)
        found = assemble(stack, self._policies, self._load)
        return found._replace(
            nested=tuple(assemble(child.stack, child.policies, child.load) for child in children),
            faults=(*octals.faults(self._root), *sam_globals.faults(self._root), *missing, *found.faults),
        )


def assemble(stack: Stack, memory: policies.Memory, load: Load) -> Deployment:
    """What a template deploys in the world of its stack; `memory` keeps its policies from one world to the next."""
    anew.make_editable(stack)
    reader = policies.Policies(stack, memory)
    roles = (*iam.roles(stack, reader), *sam.roles(stack, reader))
    iam.limits(stack, reader)
    beside = _Beside(stack.document, load)
    found = (
        *workloads.workloads(stack),
        *sam.workloads(stack),
        *state_machines.workloads(stack, beside.tree),
        *integrations.workloads(stack),
    )
    granted = [policy for role in roles for policy in (*role.policies, *role.boundary)]
    return Deployment(
        stack.world,
        stack.document,
        documents=tuple(managed.documents(granted)),
        roles=roles,
        workloads=found,
        features=(*features.features(stack, beside.tree), *jobs.features(found, partial(role_of, stack))),
        permissions=tuple(resource_policies.permissions(stack)),
        resource_policies=tuple(resource_policies.resource_policies(stack, reader)),
        access_policies=tuple(resource_policies.access_policies(stack)),
        endpoints=networks.endpoint_policies(stack, reader),
        parameters=stack.parameters,
        faults=(*stack.faults, *sam.faults(stack)),
        answers=stack.answers,
        alternatives=stack.alternatives,
        defaults=stack.defaults,
    )


class _Beside:
    """Definitions in files of their own, which a template names by their path."""

    def __init__(self, document: Document, load: Load) -> None:
        self._document = document
        self._load = load

    def tree(self, path: Node) -> Node | None:
        """The tree of a file that a property names; None when it cannot be had."""
        source = self._load(str(path.value))
        parsed = tree.parse(source) if isinstance(source, Source) else None
        if parsed is None or parsed.root is None:
            return None
        self._document.add_root(parsed.root, path)
        return parsed.root
