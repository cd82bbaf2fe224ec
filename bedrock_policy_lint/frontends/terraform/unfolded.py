"""Resources of a configuration in which JSON texts are read as what they hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.model.text import is_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bedrock_policy_lint.frontends.terraform.configuration import Component, Configuration
    from bedrock_policy_lint.model.text import Text
    from bedrock_policy_lint.sources.node import Node


class View:
    """A resource, some of whose arguments are JSON texts."""

    __slots__ = ("_embedded", "_texts", "component")

    def __init__(self, component: Component, texts: tuple[str, ...], configuration: Configuration) -> None:
        self.component = component
        self._texts = texts
        self._embedded = configuration.embedded

    @property
    def name(self) -> str:
        """Its address."""
        return self.component.name

    @property
    def type(self) -> str:
        """`aws_ecs_task_definition`."""
        return self.component.type

    @property
    def node(self) -> Node:
        """What names it in the file."""
        return self.component.node

    def get(self, *path: str) -> Node | None:
        """An argument, or what it holds; of a text that is JSON its tree, and nothing of one that is none."""
        if not path or path[0] not in self._texts:
            return self.component.get(*path)
        node = self.component.get(path[0])
        if node is not None and is_text(node):
            node = self._embedded(node)
        return node.get(*path[1:]) if node is not None else None

    def items(self, *path: str) -> list[Node]:
        """The elements of a list; one value counts as a list of one."""
        node = self.get(*path)
        return [] if node is None else node.items


class Unfolded:
    """The resources of a configuration; `texts` has by type the arguments that are JSON texts."""

    def __init__(self, configuration: Configuration, texts: Mapping[str, tuple[str, ...]]) -> None:
        self._configuration = configuration
        self._texts = texts

    def components(self, *types: str) -> Iterator[View]:
        """The resources of these types, in the order of the text."""
        return map(self._view, self._configuration.components(*types))

    def owner(self, node: Node, /, *types: str) -> View | None:
        """The resource of one of these types that a value names."""
        found = self._configuration.owner(node, *types)
        return self._view(found) if found is not None else None

    def attribute(self, component: View, name: str, /) -> Text:
        """What an attribute of a resource comes to."""
        return self._configuration.attribute(component.component, name)

    def embedded(self, node: Node, /) -> Node | None:
        """The tree of a JSON text inside a text; None when it is none."""
        return self._configuration.embedded(node)

    def _view(self, component: Component) -> View:
        return View(component, self._texts.get(component.type, ()), self._configuration)
