"""Where in a VPC a workload runs, and whether it can get out of it."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from bedrock_policy_lint.deployment.deployment import Network
from bedrock_policy_lint.model.policy import Attachment
from bedrock_policy_lint.model.text import is_text, split

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bedrock_policy_lint.frontends.template.policies import Policies
    from bedrock_policy_lint.frontends.template.stack import Component, Stack
    from bedrock_policy_lint.model.policy import Policy
    from bedrock_policy_lint.model.text import Text
    from bedrock_policy_lint.sources.node import Node

_VPC, _SUBNET, _TABLE = "AWS::EC2::VPC", "AWS::EC2::Subnet", "AWS::EC2::RouteTable"
_ASSOCIATION = "AWS::EC2::SubnetRouteTableAssociation"
_ENDPOINT = "AWS::EC2::VPCEndpoint"
_FIPS = "-fips"
"""What the names of endpoints end in that use validated cryptography, for the same service."""

_ROUTES = ("AWS::EC2::Route", "AWS::EC2::RouteServerPropagation", "AWS::EC2::VPNGatewayRoutePropagation")
"""What sends traffic out of a VPC. A route to a part of a network counts as well: behind it may stand a proxy, or the
endpoints that many VPCs share."""

_ATTACHMENTS = (
    "AWS::EC2::TransitGatewayAttachment",
    "AWS::EC2::TransitGatewayVpcAttachment",
    "AWS::EC2::VPCPeeringConnection",
    "AWS::NetworkManager::VpcAttachment",
    "AWS::VpcLattice::ServiceNetworkVpcAssociation",
)
"""What joins a VPC to other networks, whose owners may add the routes."""
_JOINED = ("VpcId", "PeerVpcId", "VpcArn", "VpcIdentifier")

_TEMPLATES = ("AWS::CloudFormation::Stack", "AWS::Serverless::Application")
"""What may make routes and endpoints elsewhere."""


def network(stack: Stack, subnets: Node) -> Network | None:
    """The network of a workload that is given these subnets; None when not all of them are made by the template."""
    inside = [_owner(stack, node, _SUBNET) for node in subnets.items]
    if not inside:
        return None
    names, vpcs = set(), {}
    for subnet in inside:
        if subnet is None:
            return None
        names.add(subnet.name)
        vpc = _owner(stack, subnet.get("VpcId"), _VPC)
        vpcs[vpc.name if vpc is not None else ""] = vpc
    if len(vpcs) != 1 or "" in vpcs:
        return Network(subnets, is_closed=False, endpoints=frozenset(), knows_all_endpoints=False)
    ((name, vpc),) = vpcs.items()
    ways = _ways(stack)
    found = [endpoint for endpoint in ways.endpoints if endpoint.vpc in ("", name)]
    services = {endpoint.service for endpoint in found}
    is_closed = ways.is_all and ways.joined.isdisjoint({name, ""}) and not any(map(ways.lead_out, names))
    knows_all = ways.is_all and "" not in services
    return Network(
        subnets,
        is_closed=is_closed,
        endpoints=frozenset(services - {""}),
        knows_all_endpoints=knows_all,
        vpc=stack.attribute(vpc) if vpc is not None else "",
        paths=_paths(found, stack.evaluator.region) if is_closed and knows_all else {},
    )


def _paths(endpoints: list[_Endpoint], region: str) -> dict[str, Text]:
    """The only endpoint of each service that has but one, where that is one of this Region."""
    found: dict[str, list[_Endpoint]] = {}
    for endpoint in endpoints:
        found.setdefault(endpoint.service.removesuffix(_FIPS), []).append(endpoint)
    return {name: some[0].id for name, some in found.items() if len(some) == 1 and some[0].region == region}


def endpoint_policies(stack: Stack, policies: Policies) -> dict[Text, tuple[Policy, ...]]:
    """The policies of VPC endpoints by id, as far as they are known; without one an endpoint lets everything
    through."""
    found: dict[Text, tuple[Policy, ...]] = {}
    for endpoint in stack.components(_ENDPOINT):
        node = endpoint.get("PolicyDocument")
        policy = policies.read(node, Attachment("vpc-endpoint", True))
        if node is None or (policy is not None and not policy.is_open):
            found[stack.attribute(endpoint)] = (policy,) if policy is not None else ()
    return found


class _Endpoint(NamedTuple):
    """An interface endpoint, or what may be one."""

    vpc: str
    """Empty when it may be any."""
    service: str
    """Empty when it may be any."""
    region: Text
    """Of the service."""
    id: Text


class _Ways(NamedTuple):
    """What leads anywhere in a template; an empty name stands for what may be any."""

    is_all: bool
    """Whether nothing is made elsewhere."""
    tables: Mapping[str, frozenset[str]]
    """By subnet: the route tables that are put in force there."""
    routed: frozenset[str]
    """Route tables with a route."""
    joined: frozenset[str]
    """VPCs that are joined to other networks."""
    endpoints: tuple[_Endpoint, ...]

    def lead_out(self, subnet: str) -> bool:
        """Whether a route may lead out of a subnet; the main route table of a new VPC, which others have, has none."""
        tables = self.tables.get(subnet, frozenset()) | self.tables.get("", frozenset())
        return "" in tables | self.routed or not tables.isdisjoint(self.routed)


@lru_cache(maxsize=4)
def _ways(stack: Stack) -> _Ways:
    """Gathered once for all the workloads of a template, of which there may be thousands."""
    tables: dict[str, set[str]] = {}
    for association in stack.components(_ASSOCIATION):
        subnet = _name(stack, association.get("SubnetId"), _SUBNET)
        tables.setdefault(subnet, set()).add(_name(stack, association.get("RouteTableId"), _TABLE))
    return _Ways(
        not any(stack.components(*_TEMPLATES)),
        {subnet: frozenset(names) for subnet, names in tables.items()},
        frozenset(
            _name(stack, node, _TABLE)
            for route in stack.components(*_ROUTES)
            for node in (*route.items("RouteTableId"), *route.items("RouteTableIds"))
        ),
        frozenset(
            _name(stack, node, _VPC)
            for attachment in stack.components(*_ATTACHMENTS)
            for name in _JOINED
            if (node := attachment.get(name)) is not None
        ),
        tuple(found for endpoint in stack.components(_ENDPOINT) for found in _endpoint(stack, endpoint)),
    )


def _owner(stack: Stack, node: Node | None, kind: str) -> Component | None:
    return stack.owner(node, kind) if node is not None and is_text(node) else None


def _name(stack: Stack, node: Node | None, kind: str) -> str:
    """Of the resource of that type that a value names; empty when it may be any."""
    found = _owner(stack, node, kind)
    return found.name if found is not None else ""


def _endpoint(stack: Stack, endpoint: Component) -> Iterator[_Endpoint]:
    """An interface endpoint; nothing for those of other types."""
    kind, service = endpoint.get("VpcEndpointType"), endpoint.get("ServiceName")
    if kind is None or kind.value in ("Gateway", "GatewayLoadBalancer"):
        return
    vpc = _name(stack, endpoint.get("VpcId"), _VPC)
    is_certain = kind.value == "Interface" and vpc and service is not None and is_text(service)
    region, name = _service(service.value) if is_certain and service is not None else ("", "")
    yield _Endpoint(vpc, name, region, stack.attribute(endpoint))


def _service(name: Text) -> tuple[Text, str]:
    """The Region and the service of AWS in a name such as `com.amazonaws.us-east-1.bedrock-runtime`."""
    fields = split(name, ".", 3)
    rest = fields[-1]
    is_of_aws = len(fields) == 4 and fields[:2] == ["com", "amazonaws"] and fields[2] != "vpce"
    return (fields[2], rest) if is_of_aws and isinstance(rest, str) else ("", "")
