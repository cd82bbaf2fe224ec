"""A managed policy of AWS is attached by a name or path that AWS does not have.

## What it finds

The ARN of a managed policy of AWS, or its name in `Policies` of SAM, that

- names a policy with another path than it has, such as `policy/AWSLambdaBasicExecutionRole` without `service-role/`;
- names none that AWS had on the date of the shipped list, and is the name of one that it had but for a slip:
  `AmazonBedrockFullAcess`.

Names that are like no known one may be newer than the list, and are left alone. So are those of policies for
service-linked roles (`aws-service-role/`) and of other partitions than `aws`, which the list does not hold.

## Why it matters

The deployment fails: "Policy arn:aws:iam::aws:policy/AWSLambdaBasicExecutionRole does not exist or is not attachable."

## How to fix it

Write the ARN as the policy's page in the reference of AWS managed policies has it. Many that services use have the path
`service-role/`.

## Examples

```yaml bad
Resources:
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
        - arn:aws:iam::aws:policy/«AWSLambdaBasicExecutionRole»
        - !Sub arn:${AWS::Partition}:iam::aws:policy/«AmazonBedrokReadOnly»
```

```yaml good
Resources:
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
        - arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole
        - !Sub arn:${AWS::Partition}:iam::aws:policy/AmazonBedrockReadOnly
```

## References

- https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html
- https://github.com/aws/aws-cdk/issues/19830
- https://github.com/aws/aws-cdk/issues/17278
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.deployment import managed
from bedrock_policy_lint.deployment.misspelt import meant_by
from bedrock_policy_lint.model import arn as arns
from bedrock_policy_lint.model.policy import Place
from bedrock_policy_lint.rule import Context, Fix, Problem, Severity, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.deployment.deployment import Deployment, Managed
    from bedrock_policy_lint.rule import At

_PARTITION = "aws"
_SERVICE_LINKED = "aws-service-role/"
_WHY = "a deployment fails where the policy does not exist or cannot be attached"


@rule(Severity.WARNING, gate="permission")
def check(deployment: Deployment, context: Context) -> Iterator[Problem]:
    if context.catalog.partition_of(deployment.world.region) not in ("", None, _PARTITION):
        return
    attached = {
        (one.node.source.path, one.node.start): one
        for role in deployment.roles
        for one in (*role.managed, *role.limits)
    }
    for one in attached.values():
        yield from _problem(one)


def _problem(one: Managed) -> Iterator[Problem]:
    arn = arns.parse(one.node.value)
    at: At = one.node
    path = one.name
    if arn is not None:
        if isinstance(arn.partition, str) and arn.partition != _PARTITION:
            return
        if not isinstance(arn.id, str) or arn.id.startswith(_SERVICE_LINKED):
            return
        at, path = Place(one.node, *arn.field_at("id")), arn.id
    known = managed.entry(one.name)
    if known is None:
        meant = meant_by(one.name)
        if meant:
            message = f"AWS had no managed policy `{one.name}` on {managed.as_of()}"
            yield Problem(at, message, _WHY, label="no such policy", fix=Fix(f"write `{_id(meant)}`"))
    elif arn is not None and path != _id(one.name):
        message = f"the ARN of the managed policy `{one.name}` ends in `policy/{_id(one.name)}`"
        fix = Fix(f"write `{_id(one.name)}`")
        yield Problem(at, message, _WHY, label="another path", fix=fix, severity=Severity.ERROR)


def _id(name: str) -> str:
    """What stands behind `policy/` in the ARN of a known policy."""
    known = managed.entry(name)
    return f"{known.path}{name}".removeprefix("/") if known is not None else name
