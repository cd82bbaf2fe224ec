"""A template that was read once, to be looked at in as many worlds as its open values ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from bedrock_policy_lint.deployment.deployment import Deployment
    from bedrock_policy_lint.deployment.world import Inputs, World
    from bedrock_policy_lint.frontends.document import Document


class Blueprint(Protocol):
    """What every dialect of templates offers."""

    @property
    def document(self) -> Document:
        """The file, with what keeps it from being read; it holds no policies yet."""

    @property
    def inputs(self) -> Inputs:
        """What it says of its own deployment: where it goes, and values that it is given."""

    def deployment(self, world: World) -> Deployment:
        """What it deploys in a world. Parts that are the same as in another world are the same objects."""
