"""A trust policy asks for another source than the one on whose behalf the service assumes the role.

## What it finds

A role that a template gives to an agent, knowledge base, flow, runtime or the like, and whose trust policy lets the
service assume it only under a test of `aws:SourceArn` or `aws:SourceAccount` that never holds for that resource:

- the pattern names another type (`knowledge-base/*` for the role of an agent), or another service;
- it names another Region or account than the one that the template is known to be deployed to.

The type is compared for agents, knowledge bases, flows, batch and customization jobs, AgentCore gateways and memories,
for which AWS documents it.

## Why it matters

The service tells on whose behalf it asks, the test does not hold, and it cannot assume the role.

## How to fix it

Write the ARN pattern of what uses the role, with `${AWS::Region}` and `${AWS::AccountId}`, under `ArnLike`.

## Examples

```yaml bad
Resources:
  AgentRole:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal:
              Service: bedrock.amazonaws.com
            Action: sts:AssumeRole
            Condition:
              StringEquals:
                aws:SourceAccount: !Ref AWS::AccountId
              ArnLike:
                aws:SourceArn: !Sub «arn:${AWS::Partition}:bedrock:${AWS::Region}:${AWS::AccountId}:knowledge-base/*»
      Policies:
        - PolicyName: model
          PolicyDocument:
            Version: "2012-10-17"
            Statement:
              - Effect: Allow
                Action: bedrock:InvokeModel
                Resource: !Sub arn:${AWS::Partition}:bedrock:${AWS::Region}::foundation-model/amazon.nova-lite-v1:0
  Agent:
    Type: AWS::Bedrock::Agent
    Properties:
      AgentName: support
      FoundationModel: amazon.nova-lite-v1:0
      AgentResourceRoleArn: !GetAtt AgentRole.Arn
```

```yaml good
Resources:
  AgentRole:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal:
              Service: bedrock.amazonaws.com
            Action: sts:AssumeRole
            Condition:
              StringEquals:
                aws:SourceAccount: !Ref AWS::AccountId
              ArnLike:
                aws:SourceArn: !Sub arn:${AWS::Partition}:bedrock:${AWS::Region}:${AWS::AccountId}:agent/*
      Policies:
        - PolicyName: model
          PolicyDocument:
            Version: "2012-10-17"
            Statement:
              - Effect: Allow
                Action: bedrock:InvokeModel
                Resource: !Sub arn:${AWS::Partition}:bedrock:${AWS::Region}::foundation-model/amazon.nova-lite-v1:0
  Agent:
    Type: AWS::Bedrock::Agent
    Properties:
      AgentName: support
      FoundationModel: amazon.nova-lite-v1:0
      AgentResourceRoleArn: !GetAtt AgentRole.Arn
```

## References

- https://docs.aws.amazon.com/bedrock/latest/userguide/agents-permissions.html
- https://docs.aws.amazon.com/bedrock/latest/userguide/kb-permissions.html
- https://docs.aws.amazon.com/bedrock/latest/userguide/batch-iam-sr.html
- https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.deployment.trust import SOURCE_ACCOUNT, SOURCE_ARN, can_hold, given_roles, lets_assume, request
from bedrock_policy_lint.model.arn import parse
from bedrock_policy_lint.rule import Context, Fix, Note, Problem, Severity, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.authorize.request import Request
    from bedrock_policy_lint.deployment.deployment import Deployment
    from bedrock_policy_lint.deployment.trust import Given
    from bedrock_policy_lint.model.policy import Statement, Test
    from bedrock_policy_lint.model.text import Text


@rule(Severity.ERROR, gate="permission")
def check(deployment: Deployment, context: Context) -> Iterator[Problem]:
    told: set[int] = set()
    for given in given_roles(deployment):
        ways = [one for one in given.trust.statements if lets_assume(one, given.service.principal) is not False]
        asked = request(given, deployment.world, context.catalog)
        failing = [test for statement in ways if (test := _failing(statement, asked))]
        if ways and len(failing) == len(ways) and id(failing[0].key_node) not in told:
            told.add(id(failing[0].key_node))
            yield _problem(given, failing[0], asked, deployment)


def _failing(statement: Statement, asked: Request) -> Test | None:
    """A test of the source that never holds."""
    tests = (test for test in statement.tests if test.key.lower() in (SOURCE_ARN, SOURCE_ACCOUNT))
    return next((test for test in tests if can_hold(test, asked) is False), None)


def _problem(given: Given, test: Test, asked: Request, deployment: Deployment) -> Problem:
    feature, role = given.feature, given.role
    value = asked.context[test.key.lower()]
    assert isinstance(value, tuple)  # noqa: S101 - both keys are always given
    shown = value[0]
    return Problem(
        test.values[0] if len(test.values) == 1 else test,
        f"`{test.key}` is never what the role `{role.name}` asks for",
        f"for `{feature.name}`, which works with this role, `{given.service.principal}` gives `{shown}`: the test"
        f" `{test.operator_node.value}` does not hold, and the role cannot be assumed",
        label="never holds",
        fix=_fix(given, test, shown, deployment),
        related=(Note(feature.role_node or feature.node, "is given the role"),),
    )


def _fix(given: Given, test: Test, shown: Text, deployment: Deployment) -> Fix:
    is_terraform = deployment.document.is_terraform
    if test.key.lower() == SOURCE_ACCOUNT:
        whole = "module" if is_terraform else "template"
        return Fix(f"write the account that the {whole} is deployed to, `${{AWS::AccountId}}`")
    service, arn = given.service, parse(shown)
    kind = f"{service.type}/*" if service.type else "*"
    where = f"arn:${{AWS::Partition}}:{service.name}:${{AWS::Region}}:${{AWS::AccountId}}"
    if is_terraform and arn is not None:
        # Not every module has data sources for all of these.
        where = f"arn:{arn.partition}:{service.name}:{arn.region}:{arn.account}"
    return Fix(f"write `{where}:{kind}` under `ArnLike`")
