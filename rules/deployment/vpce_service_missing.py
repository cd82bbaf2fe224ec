"""A function in a closed network has no VPC endpoint for the Bedrock service that it calls.

## What it finds

Something that runs in subnets without any way out but VPC endpoints, all of them in the template; that calls Bedrock or
has a setting naming a model; and whose VPC has no interface endpoint for the service:

| calls | endpoint service |
| --- | --- |
| InvokeModel, Converse | `bedrock-runtime` |
| InvokeAgent, Retrieve, InvokeFlow | `bedrock-agent-runtime` |

A setting that names a model may be meant for `bedrock-mantle` too; an endpoint for any service of Bedrock makes the
finding merely possible then.

## Why it matters

The call waits until it times out: nothing says that the network is the cause.

## How to fix it

Add an `AWS::EC2::VPCEndpoint` for `com.amazonaws.<region>.bedrock-runtime` with `PrivateDnsEnabled: true`.

## Examples

```yaml bad
Resources:
  Network:
    Type: AWS::EC2::VPC
    Properties:
      CidrBlock: 10.0.0.0/16
      EnableDnsSupport: true
      EnableDnsHostnames: true
  Subnet:
    Type: AWS::EC2::Subnet
    Properties:
      VpcId: !Ref Network
      CidrBlock: 10.0.0.0/24
  Group:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: chat
      VpcId: !Ref Network
  Logs:
    Type: AWS::EC2::VPCEndpoint
    Properties:
      VpcEndpointType: Interface
      PrivateDnsEnabled: true
      ServiceName: !Sub com.amazonaws.${AWS::Region}.logs
      VpcId: !Ref Network
      SubnetIds: [!Ref Subnet]
      SecurityGroupIds: [!Ref Group]
  ChatRole:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal:
              Service: lambda.amazonaws.com
            Action: sts:AssumeRole
      ManagedPolicyArns:
        - arn:aws:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole
      Policies:
        - PolicyName: model
          PolicyDocument:
            Version: "2012-10-17"
            Statement:
              - Effect: Allow
                Action:
                  - bedrock:InvokeModel
                  - bedrock:InvokeModelWithResponseStream
                Resource: !Sub arn:${AWS::Partition}:bedrock:${AWS::Region}::foundation-model/amazon.nova-lite-v1:0
  Chat:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: python3.13
      Handler: index.handler
      Role: !GetAtt ChatRole.Arn
      Code:
        ZipFile: "def handler(event, context): ..."
      VpcConfig:
        SubnetIds: «[!Ref Subnet]»
        SecurityGroupIds: [!Ref Group]
      Environment:
        Variables:
          MODEL_ID: amazon.nova-lite-v1:0
```

```yaml good
Resources:
  Network:
    Type: AWS::EC2::VPC
    Properties:
      CidrBlock: 10.0.0.0/16
      EnableDnsSupport: true
      EnableDnsHostnames: true
  Subnet:
    Type: AWS::EC2::Subnet
    Properties:
      VpcId: !Ref Network
      CidrBlock: 10.0.0.0/24
  Group:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: chat
      VpcId: !Ref Network
  Models:
    Type: AWS::EC2::VPCEndpoint
    Properties:
      VpcEndpointType: Interface
      PrivateDnsEnabled: true
      ServiceName: !Sub com.amazonaws.${AWS::Region}.bedrock-runtime
      VpcId: !Ref Network
      SubnetIds: [!Ref Subnet]
      SecurityGroupIds: [!Ref Group]
  ChatRole:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal:
              Service: lambda.amazonaws.com
            Action: sts:AssumeRole
      ManagedPolicyArns:
        - arn:aws:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole
      Policies:
        - PolicyName: model
          PolicyDocument:
            Version: "2012-10-17"
            Statement:
              - Effect: Allow
                Action:
                  - bedrock:InvokeModel
                  - bedrock:InvokeModelWithResponseStream
                Resource: !Sub arn:${AWS::Partition}:bedrock:${AWS::Region}::foundation-model/amazon.nova-lite-v1:0
  Chat:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: python3.13
      Handler: index.handler
      Role: !GetAtt ChatRole.Arn
      Code:
        ZipFile: "def handler(event, context): ..."
      VpcConfig:
        SubnetIds: [!Ref Subnet]
        SecurityGroupIds: [!Ref Group]
      Environment:
        Variables:
          MODEL_ID: amazon.nova-lite-v1:0
```

## References

- https://docs.aws.amazon.com/bedrock/latest/userguide/vpc-interface-endpoints.html
- https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bedrock_policy_lint.deployment.models import target_of
from bedrock_policy_lint.model.text import Template
from bedrock_policy_lint.rule import CERTAIN, POSSIBLE, Context, Fix, Note, Problem, Severity, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.deployment.deployment import Deployment, Network, Workload
    from bedrock_policy_lint.sources.node import Node

_RUNTIME = "bedrock-runtime"
_FIPS = "-fips"


class _Need(NamedTuple):
    """A service that is called, and what says so."""

    service: str
    node: Node
    is_call: bool


@rule(Severity.WARNING, gate="region")
def check(deployment: Deployment, context: Context) -> Iterator[Problem]:
    for workload in deployment.workloads:
        network = workload.network
        if network is None or not (network.is_closed and network.knows_all_endpoints):
            continue
        present = {name.removesuffix(_FIPS) for name in network.endpoints}
        needs = {need.service: need for need in reversed(list(_needs(workload, deployment.world.region, context)))}
        for need in needs.values():
            if need.service not in present:
                yield _problem(workload, network, need, present)


def _needs(workload: Workload, region: str, context: Context) -> Iterator[_Need]:
    catalog = context.catalog
    for call in workload.calls:
        operation = catalog.operation(call.operation)
        if operation is not None and operation.client.startswith("bedrock"):
            yield _Need(operation.client, call.node, is_call=True)
    for setting in workload.settings:
        value = setting.node.value
        if isinstance(value, str | Template) and target_of(value, region, catalog) is not None:
            yield _Need(_RUNTIME, setting.node, is_call=False)
            return


def _problem(workload: Workload, network: Network, need: _Need, present: set[str]) -> Problem:
    is_certain = need.is_call or not any(name.startswith("bedrock") for name in present)
    return Problem(
        network.node,
        f"the network of `{workload.name}` has no endpoint for `{need.service}`",
        "its subnets have no other way out, so calls of Bedrock wait until they time out",
        label="closed",
        fix=Fix(f"add an interface endpoint for `com.amazonaws.<region>.{need.service}`, with private DNS"),
        related=(Note(need.node, "calls Bedrock" if need.is_call else "names a model"),),
        confidence=CERTAIN if is_certain else POSSIBLE,
    )
