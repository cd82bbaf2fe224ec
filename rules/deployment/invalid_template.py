"""A template has a fault on which other values depend.

## What it finds

- A reference to something that the template does not have, in `Ref`, `Fn::GetAtt`, `Fn::Sub`, `Condition` or
  `Fn::FindInMap`.
- A function with arguments that it cannot work with.
- Parameters, conditions or resources that refer to each other in a cycle.

Only what a policy or role for Bedrock depends on is checked; other tools check the rest of a template.

## Why it matters

CloudFormation refuses the template, or the value is not what it seems to be. It counts as unknown, and no other
rule judges it.

## How to fix it

Correct the reference or the function; where a name is near, the finding names it.

## Examples

```yaml bad
Parameters:
  ModelId:
    Type: String
Resources:
  ChatPolicy:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Action:
              - bedrock:InvokeModel
              - bedrock:InvokeModelWithResponseStream
            Resource: !Sub arn:${AWS::Partition}:bedrock:${AWS::Region}::foundation-model/«${Model}»
```

```yaml good
Parameters:
  ModelId:
    Type: String
    AllowedPattern: "[a-z0-9.:-]+"
Resources:
  ChatPolicy:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Action:
              - bedrock:InvokeModel
              - bedrock:InvokeModelWithResponseStream
            Resource: !Sub arn:${AWS::Partition}:bedrock:${AWS::Region}::foundation-model/${ModelId}
```

In Terraform:

```hcl bad
variable "model" {
  type    = string
  default = "amazon.nova-lite-v1:0"
}

data "aws_iam_policy_document" "chat" {
  statement {
    actions   = ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"]
    resources = ["arn:aws:bedrock:us-east-1::foundation-model/${«var.modell»}"]
  }
}
```

```hcl good
variable "model" {
  type    = string
  default = "amazon.nova-lite-v1:0"
}

data "aws_iam_policy_document" "chat" {
  statement {
    actions   = ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"]
    resources = ["arn:aws:bedrock:us-east-1::foundation-model/${var.model}"]
  }
}
```

## References

- https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference.html
- https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/troubleshooting.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.rule import Context, Fix, Note, Problem, Severity, rule
from bedrock_policy_lint.sources.source import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.deployment.deployment import Deployment, Fault


@rule(Severity.ERROR, gate="hygiene")
def check(deployment: Deployment, context: Context) -> Iterator[Problem]:
    who = "Terraform refuses it" if deployment.document.language == "hcl" else "CloudFormation refuses the template"
    for fault in deployment.faults:
        yield Problem(
            fault.node,
            fault.message,
            "what depends on it cannot be checked" + ("" if fault.is_warning else f", and {who}"),
            fix=Fix(fault.hint) if fault.hint else None,
            related=_opened(fault),
            severity=Severity.WARNING if fault.is_warning else None,
        )


def _opened(fault: Fault) -> tuple[Note, ...]:
    if fault.opened is None:
        return ()
    return (Note(Span(fault.node.source, fault.opened, fault.opened + 1), "what begins here is still open"),)
