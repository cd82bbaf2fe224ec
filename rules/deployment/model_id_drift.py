"""The template, the code and the policy name different models.

## What it finds

Two ways in which the places that name a model of a function or container drift apart:

- A setting of a function names a model, and the code, all of which was read, never reads that variable and calls
  another model. In a container a shell may hand it on, so that nothing is said of one.
- A setting names a model that the role may call, and where the variable is missing, the code falls back on a model that
  the role certainly may not call.

Code that was not read in full is left alone, and so is a default that the role may call, or may perhaps call. What is
denied as things stand has a finding of its own.

## Why it matters

Somebody changes the model at one of the places and believes that it is done. The next deployment, or the one where
nobody sets the variable, calls the other one.

## How to fix it

Read the variable in the code, or delete the setting; give the code the same default, or none.

## Examples

Nobody reads `MODEL_ID`:

```yaml bad
Transform: AWS::Serverless-2016-10-31
Resources:
  Chat:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: index.handler
      InlineCode: |
        import boto3

        client = boto3.client("bedrock-runtime")

        def handler(event, context):
            return client.converse(modelId="amazon.nova-lite-v1:0", messages=event["messages"])
      Environment:
        Variables:
          MODEL_ID: «amazon.nova-micro-v1:0»
      Policies:
        - Version: "2012-10-17"
          Statement:
            - Effect: Allow
              Action: bedrock:InvokeModel
              Resource: !Sub arn:${AWS::Partition}:bedrock:${AWS::Region}::foundation-model/amazon.nova-lite-v1:0
```

A default that was left behind:

```yaml bad
Transform: AWS::Serverless-2016-10-31
Resources:
  Chat:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: index.handler
      InlineCode: |
        import os
        import boto3

        client = boto3.client("bedrock-runtime")
        MODEL = os.environ.get("MODEL_ID", «"amazon.nova-micro-v1:0"»)

        def handler(event, context):
            return client.converse(modelId=MODEL, messages=event["messages"])
      Environment:
        Variables:
          MODEL_ID: amazon.nova-lite-v1:0
      Policies:
        - Version: "2012-10-17"
          Statement:
            - Effect: Allow
              Action: bedrock:InvokeModel
              Resource: !Sub arn:${AWS::Partition}:bedrock:${AWS::Region}::foundation-model/amazon.nova-lite-v1:0
```

```yaml good
Transform: AWS::Serverless-2016-10-31
Resources:
  Chat:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: index.handler
      InlineCode: |
        import os
        import boto3

        client = boto3.client("bedrock-runtime")
        MODEL = os.environ.get("MODEL_ID", "amazon.nova-lite-v1:0")

        def handler(event, context):
            return client.converse(modelId=MODEL, messages=event["messages"])
      Environment:
        Variables:
          MODEL_ID: amazon.nova-lite-v1:0
      Policies:
        - Version: "2012-10-17"
          Statement:
            - Effect: Allow
              Action: bedrock:InvokeModel
              Resource: !Sub arn:${AWS::Partition}:bedrock:${AWS::Region}::foundation-model/amazon.nova-lite-v1:0
```

## References

- https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
- https://docs.aws.amazon.com/bedrock/latest/userguide/inference-profiles-prereq.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.bedrock.actions import INVOKE
from bedrock_policy_lint.deployment.granted import entries, resources_of
from bedrock_policy_lint.deployment.models import target_of
from bedrock_policy_lint.model.text import is_text
from bedrock_policy_lint.rule import Context, Fix, Note, Problem, Severity, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.deployment.deployment import Call, Deployment, Role, Setting, Workload
    from bedrock_policy_lint.sources.node import Node
    from bedrock_policy_lint.usage.usage import Target


_FUNCTION = "Lambda function"


@rule(Severity.WARNING, gate="hygiene")
def check(deployment: Deployment, context: Context) -> Iterator[Problem]:
    told: set[int] = set()
    for workload in deployment.workloads:
        names = _Names(deployment, context)
        for problem in (*_unread(workload, names), *_stale(workload, deployment.role(workload.role), names)):
            if id(problem.at) not in told:
                told.add(id(problem.at))
                yield problem


class _Names:
    """Reads what values name."""

    def __init__(self, deployment: Deployment, context: Context) -> None:
        self.region = deployment.world.region
        self.catalog = context.catalog

    def target(self, node: Node | None) -> Target | None:
        """The model that a value names beyond doubt."""
        return target_of(node.value, self.region, self.catalog) if node is not None and is_text(node) else None


def _unread(workload: Workload, names: _Names) -> Iterator[Problem]:
    """The settings that name a model which is not the one that is called, and that nobody reads."""
    if workload.kind != _FUNCTION:
        return
    calls = [(call, target) for call in workload.calls if call.is_code and (target := names.target(call.model))]
    called = {target.id for _, target in calls}
    for setting in workload.settings:
        target = names.target(setting.node) if setting.name in workload.idle and calls else None
        if target is not None and target.id not in called:
            yield _never_read(workload, setting, target, *calls[0])


def _never_read(workload: Workload, setting: Setting, named: Target, call: Call, called: Target) -> Problem:
    return Problem(
        setting.node,
        f"`{setting.name}` of `{workload.name}` names `{named.written}`, but its code never reads that and calls"
        f" `{called.written}`",
        "who changes the setting changes nothing of what is called",
        label="nobody reads this",
        fix=Fix(f"read `{setting.name}` in the code, or delete the setting"),
        related=_sites(call),
    )


def _sites(call: Call) -> tuple[Note, ...]:
    model = (Note(call.model, "this model"),) if call.model is not None else ()
    return (Note(call.node, "called here"), *model)


def _stale(workload: Workload, role: Role | None, names: _Names) -> Iterator[Problem]:
    """The defaults in code that only differ from what is set, and from what is granted."""
    for call in workload.calls if role is not None else ():
        setting = next((setting for setting in workload.settings if setting.node is call.model), None)
        set_to, default = names.target(call.model), names.target(call.default)
        if setting is None or set_to is None or default is None or role is None or call.default is None:
            continue
        grants = _grants(role, set_to, names)
        if grants and _grants(role, default, names) == []:
            yield Problem(
                call.default,
                f"where `{setting.name}` is not set, the code calls `{default.written}`, which the role of"
                f" `{workload.name}` may not: the template sets `{set_to.written}`",
                "a default that nobody keeps up fails at the first deployment that does without the variable",
                label="not granted",
                fix=Fix(f"make `{set_to.written}` the default, or have none"),
                related=(Note(setting.node, "set here"), Note(grants[0], "granted here")),
            )


def _grants(role: Role, target: Target, names: _Names) -> list[Node] | None:
    """Where the policies of a role allow to invoke a model; nowhere where some part is missing, None if unknown."""
    found = []
    for resource in resources_of(target, names.catalog):
        some = entries(role, INVOKE, resource)
        if some is None:
            return None
        if not some:
            return []
        found += [entry.node for entry in some]
    return found or None
