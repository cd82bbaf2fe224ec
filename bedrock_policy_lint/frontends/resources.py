"""What templates and configurations have in common for those who read resources: found by type, computed when asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bedrock_policy_lint.model.text import Text
    from bedrock_policy_lint.sources.node import Node

    RoleOf = Callable[[Node | None], str | None]
    """The name of the role that a value names; None when it lies elsewhere."""


class Resource(Protocol):
    """A resource whose properties are computed when they are asked for."""

    @property
    def name(self) -> str:
        """As the text calls it."""

    @property
    def type(self) -> str:
        """`AWS::IAM::Role`, `aws_iam_role`."""

    @property
    def node(self) -> Node:
        """What names it in the text."""

    def get(self, *path: str) -> Node | None:
        """A property, or what it holds; None when it is absent."""

    def items(self, *path: str) -> list[Node]:
        """The elements of a list; one value counts as a list of one."""


R = TypeVar("R", bound=Resource)


class Resources(Protocol[R]):
    """All resources of a template or configuration in one world."""

    def components(self, *types: str) -> Iterator[R]:
        """Those of these types."""

    def owner(self, node: Node, /, *types: str) -> R | None:
        """The resource that a value names."""

    def attribute(self, component: R, name: str, /) -> Text:
        """What an attribute of a resource comes to."""

    def embedded(self, node: Node, /) -> Node | None:
        """The tree of a JSON text inside a text; None when it is none."""


AnyResources = Resources[Any]
