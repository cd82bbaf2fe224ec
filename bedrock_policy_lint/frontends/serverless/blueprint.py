"""A `serverless.yml`: the template that the framework makes of it, in each world that somebody asks about."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bedrock_policy_lint.deployment.world import Inputs
from bedrock_policy_lint.frontends.document import Document
from bedrock_policy_lint.frontends.serverless.files import Files
from bedrock_policy_lint.frontends.serverless.resolve import Given, Resolver
from bedrock_policy_lint.frontends.serverless.service import template
from bedrock_policy_lint.frontends.template import policies, tree
from bedrock_policy_lint.frontends.template.blueprint import assemble
from bedrock_policy_lint.frontends.template.stack import Memory, open_stack

if TYPE_CHECKING:
    from collections.abc import Hashable

    from bedrock_policy_lint.catalog import Catalog
    from bedrock_policy_lint.deployment.deployment import Deployment, Fault
    from bedrock_policy_lint.deployment.world import World
    from bedrock_policy_lint.frontends.declared_policies import Load
    from bedrock_policy_lint.frontends.template.tree import Parsed
    from bedrock_policy_lint.sources.node import Node
    from bedrock_policy_lint.sources.source import Source


def read(source: Source, parsed: Parsed, load: Load, catalog: Catalog) -> ServerlessBlueprint:
    """The blueprint of a service; `load` reads the files that it takes parts from."""
    return ServerlessBlueprint(source, parsed, load, catalog)


class _Made(NamedTuple):
    """What the framework makes of a service with some values given."""

    template: Node
    faults: tuple[Fault, ...]
    memory: Memory
    policies: policies.Memory


class ServerlessBlueprint:
    """One service with the files that it takes parts from."""

    def __init__(self, source: Source, parsed: Parsed, load: Load, catalog: Catalog) -> None:
        assert parsed.root is not None  # noqa: S101 - only a text that could be read has a dialect
        self._parsed = parsed
        self._root: Node = parsed.root
        self._load = load
        self._files = Files(load)
        self._catalog = catalog
        self._made: dict[Hashable, _Made] = {}

    @property
    def document(self) -> Document:
        """The file, without the policies in it."""
        return self._parsed.document(self._root)

    @property
    def inputs(self) -> Inputs:
        """The Region that the file says, which is the framework's own where it says none."""
        region = Resolver(self._root, Given(), self._files).region()
        return Inputs(regions=(region,) if region else ())

    def deployment(self, world: World) -> Deployment:
        """What it deploys in a world."""
        made = self._make(world)
        stack = open_stack(made.template, self.document, world, self._catalog, made.memory)
        found = assemble(stack, made.policies, self._load)
        document = stack.document
        document.idiom = document.idiom._replace(names=frozenset(), is_filled_before=True) if document.idiom else None
        document.reread = lambda changed: self._again(changed, world)
        document.reread_part = None
        return found._replace(
            documents=(*found.documents, *self._files.documents),
            faults=(*made.faults, *found.faults),
        )

    def _again(self, changed: Source, world: World) -> Document | None:
        """The document of a changed text; None when it cannot be read."""
        parsed = tree.parse(changed)
        if parsed.root is None or tree.dialect(parsed.root) != tree.SERVERLESS:
            return None
        return ServerlessBlueprint(changed, parsed, self._load, self._catalog).deployment(world).document

    def _make(self, world: World) -> _Made:
        """The template in a world: the same where no value is given otherwise."""
        key = tuple(sorted(world.parameters.items())), world.unknown, world.region, world.account
        if key not in self._made:
            own = Given(world.parameters, world.unknown)
            region = Resolver(self._root, own, self._files).region()
            given = own._replace(
                region=world.region or region,
                is_elsewhere=world.region not in ("", region),
                account=world.account,
            )
            resolver = Resolver(self._root, given, self._files)
            self._made[key] = _Made(template(resolver), tuple(resolver.faults), Memory(), {})
        return self._made[key]
