"""Where in a VPC the workloads of a template run, and the policies of the endpoints there."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from bedrock_policy_lint.frontends.networks import ENDPOINT, Beside, Networks
from bedrock_policy_lint.model.policy import Attachment

if TYPE_CHECKING:
    from bedrock_policy_lint.deployment.deployment import Network
    from bedrock_policy_lint.frontends.template.policies import Policies
    from bedrock_policy_lint.frontends.template.stack import Stack
    from bedrock_policy_lint.model.policy import Policy
    from bedrock_policy_lint.model.text import Text
    from bedrock_policy_lint.sources.node import Node

_TEMPLATES = ("AWS::CloudFormation::Stack", "AWS::Serverless::Application")
"""What may make routes and endpoints elsewhere."""


def network(stack: Stack, subnets: Node) -> Network | None:
    """The network of a workload that is given these subnets; None when not all of them are made by the template."""
    return _networks(stack).of(subnets)


@lru_cache(maxsize=4)
def _networks(stack: Stack) -> Networks:
    return Networks(stack, stack.evaluator.region, Beside(is_all=not any(stack.components(*_TEMPLATES))))


def endpoint_policies(stack: Stack, policies: Policies) -> dict[Text, tuple[Policy, ...]]:
    """The policies of VPC endpoints by id, as far as they are known; without one an endpoint lets everything
    through."""
    found: dict[Text, tuple[Policy, ...]] = {}
    for endpoint in stack.components(ENDPOINT):
        node = endpoint.get("PolicyDocument")
        policy = policies.read(node, Attachment("vpc-endpoint", True))
        if node is None or (policy is not None and not policy.is_open):
            found[stack.attribute(endpoint)] = (policy,) if policy is not None else ()
    return found
