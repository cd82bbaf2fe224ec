"""A grant for the profile of another geography than the one that is called.

## What it finds

A call through an inference profile (`eu.…`) that nothing allows, while an identity policy allows the profile
of the same model in another geography (`us.…`, `global.…`).

Calls in code and in templates count like declared ones.

## Why it matters

Each geography has its own profile of a model, with its own id and ARN. Some SDKs and frameworks choose the profile by
the Region that they run in: a policy that works in one Region denies the same code in another.

## How to fix it

Add the ARN of the profile that is called, and of its models where they are not allowed yet; or call the profile that
is granted, where it can be called from that Region.

## Examples

```json bad
{
  "region": "eu-central-1",
  "account": "111122223333",
  "complete": false,
  "uses": ["converse eu.anthropic.claude-sonnet-4-6"],
  "policies": {
    "Version": "2012-10-17",
    "Statement": {
      "Effect": "Allow",
      "Action": "bedrock:InvokeModel",
      "Resource": [
        «"arn:aws:bedrock:*:111122223333:inference-profile/us.anthropic.claude-sonnet-4-6"»,
        "arn:aws:bedrock:*::foundation-model/anthropic.claude-sonnet-4-6"
      ]
    }
  }
}
```

```json fixed
{
  "region": "eu-central-1",
  "account": "111122223333",
  "complete": false,
  "uses": ["converse eu.anthropic.claude-sonnet-4-6"],
  "policies": {
    "Version": "2012-10-17",
    "Statement": {
      "Effect": "Allow",
      "Action": "bedrock:InvokeModel",
      "Resource": [
        "arn:aws:bedrock:*:111122223333:inference-profile/us.anthropic.claude-sonnet-4-6",
        "arn:aws:bedrock:eu-central-1:111122223333:inference-profile/eu.anthropic.claude-sonnet-4-6",
        "arn:aws:bedrock:*::foundation-model/anthropic.claude-sonnet-4-6"
      ]
    }
  }
}
```

```yaml good
region: eu-central-1
account: "111122223333"
uses:
  - converse eu.anthropic.claude-sonnet-4-6
policies:
  Version: "2012-10-17"
  Statement:
    Effect: Allow
    Action: bedrock:InvokeModel
    Resource:
      - arn:aws:bedrock:eu-central-1:111122223333:inference-profile/eu.anthropic.claude-sonnet-4-6
      - arn:aws:bedrock:*::foundation-model/anthropic.claude-sonnet-4-6
```

## References

- https://docs.aws.amazon.com/bedrock/latest/userguide/inference-profiles-support.html
- https://docs.aws.amazon.com/bedrock/latest/userguide/geographic-cross-region-inference.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.bedrock.arns import geography_of
from bedrock_policy_lint.diagnosis.problem import add_resources, problem
from bedrock_policy_lint.diagnosis.wording import fails, layer, resources
from bedrock_policy_lint.model.policy import Resource
from bedrock_policy_lint.rule import Context, Problem, Severity, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.diagnosis.cause import Cause


@rule(Severity.ERROR, gate="permission")
def check(cause: Cause, context: Context) -> Iterator[Problem]:
    entry = cause.place if isinstance(cause.place, Resource) else None
    geography = geography_of(entry.arn.id, context.catalog) if entry and entry.arn else None
    yield problem(
        cause,
        f"{fails(cause)}: a profile of `{geography}` is granted, and no {layer(cause)} allows"
        f" {resources(cause.rulings)}",
        "each geography has a profile of its own, with an ARN of its own",
        label="the profile of another geography",
        fix=add_resources(cause, entry),
    )
