"""The policies that bear on a request, by the layer in which AWS weighs them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from bedrock_policy_lint.model.policy import Policy
    from bedrock_policy_lint.model.text import Text

WORDS = {
    "scp": "service control policy",
    "rcp": "resource control policy",
    "endpoint": "VPC endpoint policy",
    "boundary": "permissions boundary",
    "session": "session policy",
    "resource": "resource-based policy",
    "identity": "identity-based policy",
}
"""Every layer by its short name, as AWS words it in a denial; in the order in which a failure is told."""


class ResourcePolicy(NamedTuple):
    """A policy attached to a resource."""

    resource: Text
    """The ARN of what it is attached to."""
    policy: Policy


class Layers(NamedTuple):
    """Everything that is attached."""

    identity: tuple[Policy, ...] | None = None
    """None when no identity policy was given, so that nobody knows what it grants; empty when there is none."""
    boundary: tuple[Policy, ...] = ()
    """Empty when there is none."""
    session: tuple[Policy, ...] = ()
    scps: tuple[tuple[Policy, ...], ...] = ()
    """Level by level from the root to the account; a level without any Allow is taken to keep `FullAWSAccess`."""
    rcps: tuple[tuple[Policy, ...], ...] = ()
    endpoint: tuple[Policy, ...] = ()
    """Of the VPC endpoint that the call takes; empty for the default policy, which allows everything."""
    resources: tuple[ResourcePolicy, ...] = ()

    @property
    def policies(self) -> tuple[Policy, ...]:
        """All of them."""
        levels = (policy for level in (*self.scps, *self.rcps) for policy in level)
        attached = (entry.policy for entry in self.resources)
        return (*(self.identity or ()), *self.boundary, *self.session, *levels, *self.endpoint, *attached)
