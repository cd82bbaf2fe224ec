"""Models may be invoked, but not with a streamed answer.

## What it finds

A policy that allows `bedrock:InvokeModel` on models that can stream, and allows
`bedrock:InvokeModelWithResponseStream` on none of them.

Nothing is said of embedding, rerank, image and video models, of speech models (two-way streams ask for
`bedrock:InvokeModel`), of provisioned or batch resources alone, and of a policy that denies streaming on purpose.

## Why it matters

Streaming is an action of its own. With this policy alone Converse and InvokeModel work, while ConverseStream and
InvokeModelWithResponseStream are denied. Many libraries and every coding assistant stream by default.

## How to fix it

Add `bedrock:InvokeModelWithResponseStream` if the application streams; otherwise ignore the finding with that reason.

## Examples

```json bad
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": «"bedrock:InvokeModel"»,
    "Resource": "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0"
  }
}
```

The streaming action on other models does not help these:

```json bad
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": [«"bedrock:InvokeModel"», "bedrock:GetFoundationModel"],
      "Resource": "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-pro-v1:0"
    },
    {
      "Effect": "Allow",
      "Action": "bedrock:InvokeModel*",
      "Resource": "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0"
    }
  ]
}
```

```json good
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": "bedrock:InvokeModel",
      "Resource": "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0"
    },
    {
      "Effect": "Allow",
      "Action": "bedrock:InvokeModelWithResponseStream",
      "Resource": "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-*"
    }
  ]
}
```

A misspelt streaming action is the business of `action-not-in-reference`:

```json good also=action-not-in-reference
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStreams"],
    "Resource": "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0"
  }
}
```

Embedding models do not stream:

```json good
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": "bedrock:InvokeModel",
    "Resource": [
      "arn:aws:bedrock:us-east-1::foundation-model/amazon.titan-embed-text-v2:0",
      "arn:aws:bedrock:us-east-1::foundation-model/cohere.embed-*"
    ]
  }
}
```

In Terraform:

```hcl bad
data "aws_iam_policy_document" "chat" {
  statement {
    actions   = [«"bedrock:InvokeModel"»]
    resources = ["arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0"]
  }
}
```

```hcl good
data "aws_iam_policy_document" "chat" {
  statement {
    actions   = ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"]
    resources = ["arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0"]
  }
}
```

## References

- https://docs.aws.amazon.com/bedrock/latest/userguide/inference-prereq.html
- https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonbedrock.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.bedrock.pairing import STREAMED, WHOLE, unpaired
from bedrock_policy_lint.rule import Context, Fix, Note, Problem, Severity, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.model.policy import Policy


@rule(Severity.INFO, gate="permission", guesses="api")
def check(policy: Policy, context: Context) -> Iterator[Problem]:
    for action, resource in unpaired(policy, WHOLE, STREAMED, context):
        yield Problem(
            action,
            f"`{WHOLE}` is allowed without `{STREAMED}`",
            f"this policy would deny ConverseStream and InvokeModelWithResponseStream: both ask for `{STREAMED}`",
            label="no streaming",
            fix=Fix(f"add `{STREAMED}` if the application streams"),
            related=(Note(resource, "can stream"),),
        )
