"""Which workloads cannot get out of their VPC, and which endpoints they find in it."""

from __future__ import annotations

import pytest
from stacks import open_text

from bedrock_policy_lint.deployment.deployment import Network
from bedrock_policy_lint.deployment.world import World
from bedrock_policy_lint.frontends.template.networks import endpoint_policies, network
from bedrock_policy_lint.frontends.template.policies import Policies

VPC = """
Resources:
  Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
  One: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc}}
  Two: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc}}
  Public: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc}}
  Gateway: {Type: AWS::EC2::InternetGateway}
  Private: {Type: AWS::EC2::RouteTable, Properties: {VpcId: !Ref Vpc}}
  Open: {Type: AWS::EC2::RouteTable, Properties: {VpcId: !Ref Vpc}}
  OneToPrivate:
    Type: AWS::EC2::SubnetRouteTableAssociation
    Properties: {SubnetId: !Ref One, RouteTableId: !Ref Private}
  PublicToOpen:
    Type: AWS::EC2::SubnetRouteTableAssociation
    Properties: {SubnetId: !Ref Public, RouteTableId: !Ref Open}
  Way:
    Type: AWS::EC2::Route
    Properties: {RouteTableId: !Ref Open, DestinationCidrBlock: 0.0.0.0/0, GatewayId: !Ref Gateway}
  Away: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref VpcOfOthers}}
"""


def network_of(subnets: str, more: str = "") -> Network | None:
    """The network of a function with these subnets."""
    stack = open_text(
        VPC + more + f"  Function: {{Type: AWS::Lambda::Function, Properties: {{SubnetIds: {subnets}}}}}\n",
        World("us-east-1"),
    )
    function = stack.component("Function")
    return network(stack, function.get("SubnetIds"))


@pytest.mark.parametrize(
    ("subnets", "is_closed"),
    [
        ("[!Ref One]", True),
        ("[!Ref One, !Ref Two]", True),
        ("[!Ref One, !Ref Public]", False),
        ("[!Ref Away]", False),
        ("[!Ref One, !Ref Away]", False),
    ],
)
def test_subnets_without_routes_are_closed(subnets: str, is_closed: bool) -> None:
    found = network_of(subnets)
    assert found is not None
    assert found.is_closed == is_closed
    assert found.node.source.text[found.node.start : found.node.end] == subnets


@pytest.mark.parametrize(
    "subnets", ["!Ref SubnetIds", "[!Ref One, !Ref Elsewhere]", "[subnet-1234]", "[!Ref Vpc]", "[]"]
)
def test_subnets_from_elsewhere_tell_nothing(subnets: str) -> None:
    assert network_of(subnets) is None


@pytest.mark.parametrize(
    "more",
    [
        # Any route leads somewhere.
        "  More: {Type: AWS::EC2::Route, Properties: {RouteTableId: !Ref Private, NatGatewayId: !Ref Nat}}",
        "  More: {Type: AWS::EC2::Route, Properties: {RouteTableId: !Ref Private, DestinationCidrBlock: 10.9.0.0/16}}",
        "  More: {Type: AWS::EC2::Route, Properties: {RouteTableId: !Ref TableOfOthers}}",
        "  More: {Type: AWS::EC2::VPNGatewayRoutePropagation, Properties: {RouteTableIds: [!Ref Private]}}",
        "  More: {Type: AWS::EC2::SubnetRouteTableAssociation, Properties: {SubnetId: !Ref One, RouteTableId: !Ref T}}",
        "  More: {Type: AWS::EC2::SubnetRouteTableAssociation, Properties: {RouteTableId: !Ref Open}}",
        "  More: {Type: AWS::EC2::TransitGatewayAttachment, Properties: {VpcId: !Ref Vpc}}",
        "  More: {Type: AWS::EC2::VPCPeeringConnection, Properties: {VpcId: !Ref VpcOfOthers, PeerVpcId: !Ref Vpc}}",
        "  More: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: more.yaml}}",
    ],
)
def test_what_may_be_a_way_out_leaves_it_open(more: str) -> None:
    found = network_of("[!Ref One]", f"{more}\n")
    assert found is not None
    assert not found.is_closed


def test_a_route_in_another_table_changes_nothing() -> None:
    more = "  More: {Type: AWS::EC2::Route, Properties: {RouteTableId: !Ref Open, NatGatewayId: !Ref Nat}}\n"
    found = network_of("[!Ref One]", more)
    assert found is not None
    assert found.is_closed


def endpoint(name: str, service: str, vpc: str = "!Ref Vpc", kind: str = "Interface") -> str:
    """An endpoint of a VPC."""
    properties = f"ServiceName: {service}, VpcId: {vpc}, VpcEndpointType: {kind}"
    return f"  {name}: {{Type: AWS::EC2::VPCEndpoint, Properties: {{{properties}}}}}\n"


@pytest.mark.parametrize(
    ("more", "services", "knows_all"),
    [
        ("", set(), True),
        (
            endpoint("A", "!Sub 'com.amazonaws.${AWS::Region}.bedrock-runtime'")
            + endpoint("B", "com.amazonaws.us-east-1.bedrock-agent-runtime-fips")
            + endpoint("C", "com.amazonaws.us-east-1.ecr.dkr"),
            {"bedrock-runtime", "bedrock-agent-runtime-fips", "ecr.dkr"},
            True,
        ),
        (endpoint("A", "com.amazonaws.us-east-1.s3", kind="Gateway"), set(), True),
        (endpoint("A", "!Ref Service"), set(), False),
        (endpoint("A", "!Sub 'com.amazonaws.${AWS::Region}.${Service}'"), set(), False),
        (endpoint("A", "com.amazonaws.vpce.us-east-1.vpce-svc-0123"), set(), False),
        (endpoint("A", "com.amazonaws.us-east-1.bedrock-runtime", vpc="!Ref SomeVpc"), set(), False),
    ],
)
def test_endpoints(more: str, services: set[str], knows_all: bool) -> None:
    found = network_of("[!Ref One]", more)
    assert found is not None
    assert (found.endpoints, found.knows_all_endpoints) == (services, knows_all)


def test_endpoints_of_another_vpc_do_not_count() -> None:
    other = "  Other: {Type: AWS::EC2::VPC, Properties: {}}\n"
    found = network_of("[!Ref One]", other + endpoint("A", "com.amazonaws.us-east-1.bedrock", vpc="!Ref Other"))
    assert found is not None
    assert (found.endpoints, found.knows_all_endpoints) == (frozenset(), True)


HERE, FIPS = "com.amazonaws.us-east-1.bedrock-runtime", "com.amazonaws.us-east-1.bedrock-runtime-fips"
ELSEWHERE = "com.amazonaws.us-west-2.bedrock-runtime"


@pytest.mark.parametrize(
    ("subnets", "more", "paths"),
    [
        ("[!Ref One]", endpoint("A", HERE), {"bedrock-runtime": "${A}"}),
        ("[!Ref One]", endpoint("A", FIPS), {"bedrock-runtime": "${A}"}),
        ("[!Ref One]", endpoint("A", HERE) + endpoint("B", FIPS), {}),
        ("[!Ref One]", endpoint("A", ELSEWHERE), {}),
        ("[!Ref One]", endpoint("A", HERE) + endpoint("B", "!Ref Service"), {}),
        ("[!Ref Public]", endpoint("A", HERE), {}),
    ],
)
def test_calls_of_a_closed_network_take_the_only_endpoint_of_their_service(
    subnets: str, more: str, paths: dict[str, str]
) -> None:
    found = network_of(subnets, more)
    assert found is not None
    assert {service: str(path) for service, path in found.paths.items()} == paths
    assert str(found.vpc) in ("", "${Vpc}")


def test_the_policies_of_endpoints_as_far_as_they_are_known() -> None:
    document = "PolicyDocument: {Statement: {Effect: Allow, Principal: '*', Action: '*', Resource: '*'}}"
    stack = open_text(
        VPC
        + f"  Own: {{Type: AWS::EC2::VPCEndpoint, Properties: {{{document}}}}}\n"
        + "  Default: {Type: AWS::EC2::VPCEndpoint, Properties: {}}\n"
        + "  Open: {Type: AWS::EC2::VPCEndpoint, Properties: {PolicyDocument: !Ref Document}}\n"
    )
    found = endpoint_policies(stack, Policies(stack))
    assert {str(name): len(policies) for name, policies in found.items()} == {"${Own}": 1, "${Default}": 0}
