"""Where in a VPC workloads run, and whether they can get out of it; types are those of CloudFormation."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from bedrock_policy_lint.deployment.deployment import Network
from bedrock_policy_lint.model.text import is_text, split

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bedrock_policy_lint.frontends.resources import AnyResources, Resource
    from bedrock_policy_lint.model.text import Text
    from bedrock_policy_lint.sources.node import Node

_VPC, _SUBNET, _TABLE = "AWS::EC2::VPC", "AWS::EC2::Subnet", "AWS::EC2::RouteTable"
_ASSOCIATION = "AWS::EC2::SubnetRouteTableAssociation"
ENDPOINT = "AWS::EC2::VPCEndpoint"
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


class Beside(NamedTuple):
    """What a reader knows of networks that no resource of these types tells."""

    is_all: bool = True
    """Whether nothing is made elsewhere."""
    routed: frozenset[str] = frozenset()
    """Route tables with a route."""
    joined: frozenset[str] = frozenset()
    """VPCs with other ways out; an empty name stands for what may be any."""


class Networks:
    """The networks of a template or configuration."""

    def __init__(self, resources: AnyResources, region: str, beside: Beside) -> None:
        self._resources = resources
        self._region = region
        self._beside = beside

    def of(self, subnets: Node) -> Network | None:
        """The network of a workload that is given these subnets; None when not all of them are made here."""
        inside = [_owner(self._resources, node, _SUBNET) for node in subnets.items]
        if not inside:
            return None
        names, vpcs = set(), {}
        for subnet in inside:
            if subnet is None:
                return None
            names.add(subnet.name)
            vpc = _owner(self._resources, subnet.get("VpcId"), _VPC)
            vpcs[vpc.name if vpc is not None else ""] = vpc
        if len(vpcs) != 1 or "" in vpcs:
            return Network(subnets, is_closed=False, endpoints=frozenset(), knows_all_endpoints=False)
        ((name, vpc),) = vpcs.items()
        ways = self._ways
        found = [endpoint for endpoint in ways.endpoints if endpoint.vpc in ("", name)]
        services = {endpoint.service for endpoint in found}
        is_closed = ways.is_all and ways.joined.isdisjoint({name, ""}) and not any(map(ways.lead_out, names))
        knows_all = ways.is_all and "" not in services
        return Network(
            subnets,
            is_closed=is_closed,
            endpoints=frozenset(services - {""}),
            knows_all_endpoints=knows_all,
            vpc=self._resources.attribute(vpc, "") if vpc is not None else "",
            paths=_paths(found, self._region) if is_closed and knows_all else {},
        )

    @cached_property
    def _ways(self) -> _Ways:
        """Gathered once for all the workloads, of which there may be thousands."""
        resources, beside = self._resources, self._beside
        tables: dict[str, set[str]] = {}
        for association in resources.components(_ASSOCIATION):
            subnet = _name(resources, association.get("SubnetId"), _SUBNET)
            tables.setdefault(subnet, set()).add(_name(resources, association.get("RouteTableId"), _TABLE))
        routed = (
            _name(resources, node, _TABLE)
            for route in resources.components(*_ROUTES)
            for node in (*route.items("RouteTableId"), *route.items("RouteTableIds"))
        )
        joined = (
            _name(resources, node, _VPC)
            for attachment in resources.components(*_ATTACHMENTS)
            for name in _JOINED
            if (node := attachment.get(name)) is not None
        )
        return _Ways(
            beside.is_all,
            {subnet: frozenset(names) for subnet, names in tables.items()},
            beside.routed.union(routed),
            beside.joined.union(joined),
            tuple(found for endpoint in resources.components(ENDPOINT) for found in _endpoint(resources, endpoint)),
        )


def _paths(endpoints: list[_Endpoint], region: str) -> dict[str, Text]:
    """The only endpoint of each service that has but one, where that is one of this Region."""
    found: dict[str, list[_Endpoint]] = {}
    for endpoint in endpoints:
        found.setdefault(endpoint.service.removesuffix(_FIPS), []).append(endpoint)
    return {name: some[0].id for name, some in found.items() if len(some) == 1 and some[0].region == region}


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
    """What leads anywhere; an empty name stands for what may be any."""

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


def _owner(resources: AnyResources, node: Node | None, kind: str) -> Resource | None:
    found: Resource | None = resources.owner(node, kind) if node is not None and is_text(node) else None
    return found


def _name(resources: AnyResources, node: Node | None, kind: str) -> str:
    """Of the resource of that type that a value names; empty when it may be any."""
    found = _owner(resources, node, kind)
    return found.name if found is not None else ""


def _endpoint(resources: AnyResources, endpoint: Resource) -> Iterator[_Endpoint]:
    """An interface endpoint; nothing for those of other types."""
    kind, service = endpoint.get("VpcEndpointType"), endpoint.get("ServiceName")
    if kind is None or kind.value in ("Gateway", "GatewayLoadBalancer"):
        return
    vpc = _name(resources, endpoint.get("VpcId"), _VPC)
    is_certain = kind.value == "Interface" and vpc and service is not None and is_text(service)
    region, name = _service(service.value) if is_certain and service is not None else ("", "")
    yield _Endpoint(vpc, name, region, resources.attribute(endpoint, ""))


def _service(name: Text) -> tuple[Text, str]:
    """The Region and the service of AWS in a name such as `com.amazonaws.us-east-1.bedrock-runtime`."""
    fields = split(name, ".", 3)
    rest = fields[-1]
    is_of_aws = len(fields) == 4 and fields[:2] == ["com", "amazonaws"] and fields[2] != "vpce"
    return (fields[2], rest) if is_of_aws and isinstance(rest, str) else ("", "")
