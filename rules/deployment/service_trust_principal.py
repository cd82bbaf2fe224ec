"""The role of an agent, knowledge base or runtime cannot be assumed by the service that needs it.

## What it finds

A role that a template gives to something of Bedrock, and whose trust policy, in the same template, has no statement
that lets the service assume it:

| given to | assumed by |
| --- | --- |
| agent, knowledge base, flow, batch job, model customization, invocation logging | `bedrock.amazonaws.com` |
| AgentCore runtime, gateway, memory, browser, code interpreter, evaluation | `bedrock-agentcore.amazonaws.com` |

Conditions are the business of `service-trust-sourcearn-mismatch`. A role whose trust policy is not in the template, or
whose principal is a value that is not known, is left alone.

## Why it matters

Creating or using the feature fails with "Could not assume provided IAM role", whatever the role may do.

## How to fix it

Name the service as a `Service` principal in the trust policy of the role.

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
              Service: «bedrock-agentcore.amazonaws.com»
            Action: sts:AssumeRole
            Condition:
              StringEquals:
                aws:SourceAccount: !Ref AWS::AccountId
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
- https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/runtime-permissions.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.authorize.logic import either
from bedrock_policy_lint.deployment.duties import KINDS
from bedrock_policy_lint.deployment.trust import given_roles, lets_assume
from bedrock_policy_lint.rule import Add, Context, Fix, Note, Problem, Replace, Severity, Undecided, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.deployment.deployment import Deployment
    from bedrock_policy_lint.deployment.trust import Given
    from bedrock_policy_lint.model.policy import Policy, Principal


@rule(Severity.ERROR, gate="permission")
def check(deployment: Deployment, context: Context) -> Iterator[Problem | Undecided]:
    users = {(workload.role, workload.name) for workload in deployment.workloads}
    seen: set[tuple[str, str]] = set()
    for given in given_roles(deployment):
        principal = given.service.principal
        if (given.role.name, principal) in seen:
            continue
        seen.add((given.role.name, principal))
        answer = either(lets_assume(statement, principal) for statement in given.trust.statements)
        if answer is None:
            question = f"whether the trust policy of `{given.role.name}` lets `{principal}` assume the role"
            yield Undecided(given.role.node, question)
        elif answer is False:
            shared = any(role == given.role.name and name != given.feature.name for role, name in users)
            yield _problem(given, shared=shared)


def _problem(given: Given, *, shared: bool) -> Problem:
    role, feature, principal = given.role, given.feature, given.service.principal
    entries = _services(given.trust)
    only = entries[0] if len(entries) == 1 else None
    misnamed = only is not None and "bedrock" in str(only.text) and not shared
    fix = Fix(f"{'write' if misnamed else 'add'} `{principal}`")
    if only is not None:
        fix = fix._replace(edits=(Replace(only.node, principal) if misnamed else Add(only.node, principal),))
    return Problem(
        only or (entries[0].node if entries else role.node),
        f"the role `{role.name}` does not let `{principal}` assume it",
        f"the {KINDS[feature.kind]} `{feature.name}` works with this role, and cannot be used without",
        label="not the service" if only else "not among them" if entries else "nobody of the service",
        fix=fix,
        related=(Note(feature.role_node or feature.node, "is given the role"),),
    )


def _services(trust: Policy) -> list[Principal]:
    """The services that the trust policy names."""
    allowing = (statement for statement in trust.statements if statement.allows and statement.principal_node)
    return [who for statement in allowing for who in statement.principals if who.type == "Service"]
