"""Where in a VPC a workload runs, and the policies of the endpoints there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.model.policy import Attachment

if TYPE_CHECKING:
    from bedrock_policy_lint.frontends.terraform.configuration import Configuration
    from bedrock_policy_lint.frontends.terraform.policies import Policies
    from bedrock_policy_lint.model.policy import Policy
    from bedrock_policy_lint.model.text import Text
    from bedrock_policy_lint.sources.node import Node

_ENDPOINTS = {"aws_vpc_endpoint": "policy", "awscc_ec2_vpc_endpoint": "policy_document"}
_POLICY = "aws_vpc_endpoint_policy"


def endpoint_policies(configuration: Configuration, policies: Policies) -> dict[Text, tuple[Policy, ...]]:
    """The policies of VPC endpoints by id, as far as they are known; without one an endpoint lets everything
    through."""
    beside: dict[str, Node | None] = {}
    for component in configuration.components(_POLICY):
        document, target = component.get("policy"), component.get("vpc_endpoint_id")
        policies.read(document, Attachment("vpc-endpoint", True))
        owner = configuration.owner(target, *_ENDPOINTS) if target is not None else None
        if owner is not None:
            beside[owner.name] = document
    found: dict[Text, tuple[Policy, ...]] = {}
    for endpoint in configuration.components(*_ENDPOINTS):
        document = beside.get(endpoint.name) or endpoint.get(_ENDPOINTS[endpoint.type])
        policy = policies.read(document, Attachment("vpc-endpoint", True))
        if document is None or (policy is not None and not policy.is_open):
            found[configuration.attribute(endpoint, "id")] = (policy,) if policy is not None else ()
    return found
