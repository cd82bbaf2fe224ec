"""A role of an application or agent holds a policy of AWS that grants everything.

## What it finds

`AmazonBedrockFullAccess`, `AmazonBedrockMantleFullAccess` or `BedrockAgentCoreFullAccess` attached to a role that a
function, container, agent or the like runs with; `AdministratorAccess` on the role of something of Bedrock, or of
something that calls it. Roles that nothing in the template runs with are left alone, as are those of CodeBuild projects
and notebooks: people may need them.

## Why it matters

Whoever gets code or a prompt to work in the application can do all that the policy grants: change and delete agents,
guardrails and logging, buy throughput, pass roles to new agents.

## How to fix it

Grant what the application calls. `bedrock-policy-lint generate` writes the least policy for declared calls.

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
        - arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole
        - «arn:aws:iam::aws:policy/AmazonBedrockFullAccess»
  Chat:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: python3.13
      Handler: index.handler
      Role: !GetAtt ChatRole.Arn
      Code:
        ZipFile: "def handler(event, context): ..."
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
      Policies:
        - PolicyName: model
          PolicyDocument:
            Version: "2012-10-17"
            Statement:
              - Effect: Allow
                Action: bedrock:InvokeModel
                Resource: !Sub arn:${AWS::Partition}:bedrock:${AWS::Region}::foundation-model/amazon.nova-lite-v1:0
  Chat:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: python3.13
      Handler: index.handler
      Role: !GetAtt ChatRole.Arn
      Code:
        ZipFile: "def handler(event, context): ..."
```

## References

- https://docs.aws.amazon.com/bedrock/latest/userguide/security-iam-awsmanpol.html
- https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/security-iam-awsmanpol.html
- https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.deployment.models import target_of
from bedrock_policy_lint.model.text import Template
from bedrock_policy_lint.rule import Context, Fix, Note, Problem, Severity, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.deployment.deployment import Deployment, Feature, Workload

_FULL = frozenset({"AmazonBedrockFullAccess", "AmazonBedrockMantleFullAccess", "BedrockAgentCoreFullAccess"})
_ADMINISTRATOR = "AdministratorAccess"
_HANDS = frozenset({"CodeBuild project", "SageMaker notebook"})
"""What people work and deploy with: it may need what they need."""


@rule(Severity.WARNING, gate="hygiene")
def check(deployment: Deployment, context: Context) -> Iterator[Problem]:
    region = deployment.world.region
    users: dict[str, Feature | Workload] = {
        work.role: work for work in deployment.workloads if work.role and work.kind not in _HANDS
    }
    users |= {feature.role: feature for feature in deployment.features if feature.role}
    calling = (work for work in deployment.workloads if work.role in users and _calls(work, region, context))
    of_bedrock = {work.role for work in calling}
    of_bedrock |= {feature.role for feature in deployment.features if feature.role}
    for role in deployment.roles:
        user = users.get(role.name)
        if user is None or role.kind != "role":
            continue
        for managed in role.managed:
            if managed.name in _FULL or (managed.name == _ADMINISTRATOR and role.name in of_bedrock):
                yield Problem(
                    managed.node,
                    f"`{managed.name}` is attached to the role that `{user.name}` runs with",
                    "whoever gets code or a prompt to work there can do everything that the policy grants",
                    label="full access",
                    fix=Fix("grant what it calls; `bedrock-policy-lint generate` writes the least policy"),
                    related=(Note(user.node, "runs with the role"),),
                )


def _calls(work: Workload, region: str, context: Context) -> bool:
    """Whether it calls Bedrock, as far as the template shows."""
    values = (setting.node.value for setting in work.settings)
    texts = (value for value in values if isinstance(value, str | Template))
    return bool(work.calls) or any(target_of(text, region, context.catalog) for text in texts)
