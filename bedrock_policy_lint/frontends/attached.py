"""What is attached to an identity, put together from wherever it is said."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bedrock_policy_lint.deployment import managed
from bedrock_policy_lint.deployment.deployment import Managed
from bedrock_policy_lint.model import arn as arns
from bedrock_policy_lint.model.policy import Attachment
from bedrock_policy_lint.model.text import Template

if TYPE_CHECKING:
    from bedrock_policy_lint.frontends.policies import PolicyReader
    from bedrock_policy_lint.model.policy import Policy
    from bedrock_policy_lint.sources.node import Node


class Attached(NamedTuple):
    """Some of what is attached to an identity."""

    policies: tuple[Policy, ...] = ()
    managed: tuple[Managed, ...] = ()
    is_known: bool = True
    """Whether all of it could be read."""

    def plus(self, other: Attached) -> Attached:
        """Both together; a policy that both hold counts once."""
        known = {id(policy) for policy in self.policies}
        more = (policy for policy in other.policies if id(policy) not in known)
        return Attached((*self.policies, *more), self.managed + other.managed, self.is_known and other.is_known)


NOTHING = Attached()
UNKNOWN = Attached(is_known=False)

ORGANIZATIONS = {
    "SERVICE_CONTROL_POLICY": Attachment("scp", True),
    "RESOURCE_CONTROL_POLICY": Attachment("rcp", True),
}
"""How the policies of an organisation are attached, by their type; those of other types are none of IAM."""


def written(policies: PolicyReader, node: Node | None, attachment: Attachment) -> Attached:
    """The policy of a document, if there is one."""
    if node is None:
        return NOTHING
    policy = policies.read(node, attachment)
    if policy is None:
        return UNKNOWN
    return Attached((policy,), is_known=not policy.is_open)


def of_aws(node: Node, kind: str) -> Attached:
    """The managed policy of AWS that a value names; not known if it names another one."""
    text = node.value
    if not isinstance(text, str | Template) or not managed.is_aws_managed(text):
        return UNKNOWN
    arn = arns.parse(text)
    name = str(arn.id).rpartition("/")[2] if arn is not None else ""
    policy = managed.find(text, kind)
    return Attached((policy,) if policy else (), (Managed(name, node),), is_known=policy is not None)


def unread(**parts: Attached) -> frozenset[str]:
    """The names of those parts of which not all could be read."""
    return frozenset(name for name, part in parts.items() if not part.is_known)
