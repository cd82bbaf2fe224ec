"""A global profile whose model is not allowed in the ARN without a Region.

## What it finds

A call through a global profile (`global.…`), where the identity policies allow the profile and the model in
the caller's Region, and nothing allows `arn:aws:bedrock:::foundation-model/…`, the model's ARN without a Region.

Calls in code and in templates count like declared ones.

## Why it matters

AWS checks a global call on three resources: the profile, the model in the caller's Region, and the model without any
Region, for which `aws:RequestedRegion` is `unspecified`. Policies that name a Region in each ARN miss the third.

## How to fix it

Add the ARN of the model with an empty Region field. A `*` in that field matches the empty one too.

## Examples

```json bad
{
  "region": "us-east-1",
  "account": "111122223333",
  "uses": ["converse global.anthropic.claude-sonnet-4-6"],
  "policies": {
    "Version": "2012-10-17",
    "Statement": {
      "Effect": "Allow",
      "Action": "bedrock:InvokeModel",
      "Resource": [
        "arn:aws:bedrock:us-east-1:111122223333:inference-profile/global.anthropic.claude-sonnet-4-6",
        «"arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-sonnet-4-6"»
      ]
    }
  }
}
```

```json fixed
{
  "region": "us-east-1",
  "account": "111122223333",
  "uses": ["converse global.anthropic.claude-sonnet-4-6"],
  "policies": {
    "Version": "2012-10-17",
    "Statement": {
      "Effect": "Allow",
      "Action": "bedrock:InvokeModel",
      "Resource": [
        "arn:aws:bedrock:us-east-1:111122223333:inference-profile/global.anthropic.claude-sonnet-4-6",
        "arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-sonnet-4-6",
        "arn:aws:bedrock:::foundation-model/anthropic.claude-sonnet-4-6"
      ]
    }
  }
}
```

```yaml good
region: us-east-1
account: "111122223333"
uses:
  - converse global.anthropic.claude-sonnet-4-6
policies:
  Version: "2012-10-17"
  Statement:
    Effect: Allow
    Action: bedrock:InvokeModel
    Resource:
      - arn:aws:bedrock:us-east-1:111122223333:inference-profile/global.anthropic.claude-sonnet-4-6
      - arn:aws:bedrock:*::foundation-model/anthropic.claude-sonnet-4-6
```

## References

- https://docs.aws.amazon.com/bedrock/latest/userguide/global-cross-region-inference.html
- https://docs.aws.amazon.com/bedrock/latest/userguide/inference-profiles-prereq.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.diagnosis.problem import add_resources, problem
from bedrock_policy_lint.diagnosis.wording import fails, layer, regions, resources
from bedrock_policy_lint.model.policy import Resource
from bedrock_policy_lint.rule import Context, Problem, Severity, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.diagnosis.cause import Cause


@rule(Severity.ERROR, gate="region")
def check(cause: Cause, context: Context) -> Iterator[Problem]:
    yield problem(
        cause,
        f"{fails(cause)}: no {layer(cause)} allows {resources(cause.rulings)}",
        "AWS checks a call through a global profile on the model without a Region too, with"
        f" `aws:RequestedRegion` {regions(cause.rulings)}",
        label="the model is allowed here with a Region only",
        fix=add_resources(cause, cause.place if isinstance(cause.place, Resource) else None),
    )
