"""A template is larger than CloudFormation takes.

## What it finds

A template of more than 1 MB, which is what CloudFormation takes from a bucket.

## Why it matters

CloudFormation refuses the template. What is given directly instead of by a bucket may have no more than 51,200 bytes;
most tools that deploy upload larger ones by themselves.

## How to fix it

Divide the template into nested stacks, or make it smaller: leave out comments and white space, write JSON on one line.

## Examples

```yaml bad padding=1048576
«R»esources:
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
            Resource: !Sub arn:${AWS::Partition}:bedrock:${AWS::Region}::foundation-model/amazon.nova-lite-v1:0
```

```yaml good
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
            Resource: !Sub arn:${AWS::Partition}:bedrock:${AWS::Region}::foundation-model/amazon.nova-lite-v1:0
```

## References

- https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
- https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStack.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.rule import Context, Fix, Problem, Severity, rule
from bedrock_policy_lint.sources.source import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.deployment.deployment import Deployment

_MOST = 1024 * 1024
_BYTES_OF_A_CHARACTER = 4


@rule(Severity.WARNING, gate="hygiene")
def check(deployment: Deployment, context: Context) -> Iterator[Problem]:
    source = deployment.document.source
    if len(source.text) * _BYTES_OF_A_CHARACTER <= _MOST:
        return
    size = len(source.text.encode("utf-8", "surrogatepass"))
    if size > _MOST:
        yield Problem(
            Span(source, 0, 1),
            f"this template has {size:,} bytes, and CloudFormation takes 1 MB",
            "CloudFormation refuses larger templates, even from a bucket",
            label=f"{size:,} bytes",
            fix=Fix("divide it into nested stacks, or leave out comments and white space"),
        )
