"""A permissions boundary or session policy that does not allow what a call needs.

## What it finds

A call, and a permissions boundary or session policy of its caller with no statement that allows a request of
that call. Reported whether the identity policies allow it or not.

Calls in code and in templates count like declared ones.

## Why it matters

A boundary and a session policy give nothing by themselves: they limit what the identity policies give. Only what all of
them allow is allowed. Session policies are easily missed: libraries and CI systems attach one of their own when they
assume a role, written for the actions that existed then.

## How to fix it

Allow the named actions and ARNs in that policy too. Where it was meant to be wide, let it say so:
`bedrock:InvokeModel*` on models and profiles.

## Examples

```json bad
{
  "region": "us-east-1",
  "account": "111122223333",
  "uses": ["converse amazon.nova-lite-v1:0"],
  "policies": {
    "Version": "2012-10-17",
    "Statement": {
      "Effect": "Allow",
      "Action": "bedrock:InvokeModel",
      "Resource": "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0"
    }
  },
  "boundary": {
    "Version": "2012-10-17",
    "Statement": {
      "Effect": "Allow",
      "Action": ["bedrock:InvokeModel", "bedrock:CountTokens"],
      "Resource": [
        «"arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-micro-v1:0"»
      ]
    }
  }
}
```

```json fixed
{
  "region": "us-east-1",
  "account": "111122223333",
  "uses": ["converse amazon.nova-lite-v1:0"],
  "policies": {
    "Version": "2012-10-17",
    "Statement": {
      "Effect": "Allow",
      "Action": "bedrock:InvokeModel",
      "Resource": "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0"
    }
  },
  "boundary": {
    "Version": "2012-10-17",
    "Statement": {
      "Effect": "Allow",
      "Action": ["bedrock:InvokeModel", "bedrock:CountTokens"],
      "Resource": [
        "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-micro-v1:0",
        "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0"
      ]
    }
  }
}
```

A session policy that was written for another endpoint:

```json bad
{
  "region": "us-east-1",
  "account": "111122223333",
  "uses": ["mantle openai.gpt-oss-120b"],
  "policies": {
    "Version": "2012-10-17",
    "Statement": {
      "Effect": "Allow",
      "Action": "bedrock-mantle:CreateInference",
      "Resource": "arn:aws:bedrock-mantle:us-east-1:111122223333:project/default"
    }
  },
  "session": {
    "Version": "2012-10-17",
    "Statement": {
      "Effect": "Allow",
      "Action": [«"bedrock:InvokeModel"», "bedrock:InvokeModelWithResponseStream"],
      "Resource": "*"
    }
  }
}
```

```yaml good
region: us-east-1
account: "111122223333"
uses:
  - converse amazon.nova-lite-v1:0
policies:
  Version: "2012-10-17"
  Statement:
    Effect: Allow
    Action: bedrock:InvokeModel
    Resource: arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0
boundary:
  Version: "2012-10-17"
  Statement:
    Effect: Allow
    Action: bedrock:*
    Resource: "*"
```

## References

- https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
- https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.diagnosis.problem import add_grant, grants, nearest_label, problem
from bedrock_policy_lint.diagnosis.wording import fails, layer
from bedrock_policy_lint.rule import Context, Problem, Severity, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.diagnosis.cause import Cause


@rule(Severity.ERROR, gate="permission")
def check(cause: Cause, context: Context) -> Iterator[Problem]:
    yield problem(
        cause,
        f"{fails(cause)}: no {layer(cause)} allows {grants(cause.rulings)}",
        f"a {layer(cause)} limits what the identity policies give: only what both allow is allowed",
        label=nearest_label(cause),
        fix=add_grant(cause),
    )
