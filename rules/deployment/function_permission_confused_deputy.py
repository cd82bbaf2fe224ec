"""A function may be invoked by Bedrock on behalf of anybody's account.

## What it finds

An `AWS::Lambda::Permission` for `bedrock.amazonaws.com` with neither `SourceArn` nor `SourceAccount`.

## Why it matters

The service works for every customer. An agent in another account that names this function has the service invoke it:
the service is a confused deputy.

## How to fix it

Add `SourceArn` with the ARN of the agent, or `SourceAccount` with your account.

## Examples

```yaml bad
Resources:
  «Permission»:
    Type: AWS::Lambda::Permission
    Properties:
      Action: lambda:InvokeFunction
      FunctionName: orders
      Principal: bedrock.amazonaws.com
```

```yaml good
Resources:
  Permission:
    Type: AWS::Lambda::Permission
    Properties:
      Action: lambda:InvokeFunction
      FunctionName: orders
      Principal: bedrock.amazonaws.com
      SourceAccount: !Ref AWS::AccountId
      SourceArn: !Sub arn:${AWS::Partition}:bedrock:${AWS::Region}:${AWS::AccountId}:agent/*
```

## References

- https://docs.aws.amazon.com/bedrock/latest/userguide/agents-permissions.html
- https://docs.aws.amazon.com/lambda/latest/dg/access-control-resource-based.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.deployment.trust import PRINCIPALS, is_service
from bedrock_policy_lint.rule import Context, Fix, Problem, Severity, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.deployment.deployment import Deployment


@rule(Severity.WARNING, gate="hygiene")
def check(deployment: Deployment, context: Context) -> Iterator[Problem]:
    arn, account = ("SourceArn", "SourceAccount")
    if deployment.document.is_terraform:
        arn, account = ("source_arn", "source_account")
    for permission in deployment.permissions:
        service = next((name for name in PRINCIPALS if is_service(permission.principal, name)), None)
        if service and not permission.source_arn and not permission.source_account:
            yield Problem(
                permission.node,
                f"`{service}` may invoke the function on behalf of any account",
                "the service works for every customer: somebody else's agent could make it invoke this function",
                label="for anybody",
                fix=Fix(f"add `{arn}` with the ARN of the agent, or `{account}` with your account"),
            )
