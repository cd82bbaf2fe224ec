"""A call through an application inference profile that no policy allows.

## What it finds

A call through an application inference profile, where the identity policies allow the model or the
system-defined profile behind it, and nothing allows the application profile's own ARN.

Calls in code and in templates count like declared ones.

## Why it matters

An application profile is a resource of its own, with its own ARN: `inference-profile/*` does not match
`application-inference-profile/…`. Teams that tag their costs by application profiles meet this when they switch over.

## How to fix it

Add the ARN of the application profile. Keep the models behind it: they are checked as well.

## Examples

```json bad
{
  "region": "us-east-1",
  "account": "111122223333",
  "uses": [
    {
      "api": "converse",
      "model": "arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/abc123def456",
      "source": "us.anthropic.claude-sonnet-4-6"
    }
  ],
  "policies": {
    "Version": "2012-10-17",
    "Statement": {
      "Effect": "Allow",
      "Action": "bedrock:InvokeModel",
      "Resource": [
        «"arn:aws:bedrock:*::foundation-model/anthropic.claude-sonnet-4-6"»
      ]
    }
  }
}
```

```json fixed
{
  "region": "us-east-1",
  "account": "111122223333",
  "uses": [
    {
      "api": "converse",
      "model": "arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/abc123def456",
      "source": "us.anthropic.claude-sonnet-4-6"
    }
  ],
  "policies": {
    "Version": "2012-10-17",
    "Statement": {
      "Effect": "Allow",
      "Action": "bedrock:InvokeModel",
      "Resource": [
        "arn:aws:bedrock:*::foundation-model/anthropic.claude-sonnet-4-6",
        "arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/abc123def456"
      ]
    }
  }
}
```

```yaml good
region: us-east-1
account: "111122223333"
uses:
  - api: converse
    model: arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/abc123def456
    source: amazon.nova-lite-v1:0
policies:
  Version: "2012-10-17"
  Statement:
    - Effect: Allow
      Action: bedrock:InvokeModel
      Resource: arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/abc123def456
    - Effect: Allow
      Action: bedrock:InvokeModel
      Resource: arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0
      Condition:
        ArnEquals:
          bedrock:InferenceProfileArn: >-
            arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/abc123def456
```

## References

- https://docs.aws.amazon.com/bedrock/latest/userguide/inference-profiles-prereq.html
- https://docs.aws.amazon.com/service-authorization/latest/reference/list_bedrock.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.bedrock.arns import PROFILE, target
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
    named = target(entry.arn) if entry else None
    is_source = named is not None and named.kind == PROFILE
    yield problem(
        cause,
        f"{fails(cause)}: no {layer(cause)} allows {_asked(cause)}",
        "an application profile has an ARN of its own, on which Bedrock checks every call through it",
        label="only the profile that it copies is allowed" if is_source else "only the model is allowed",
        fix=add_resources(cause, entry),
    )


def _asked(cause: Cause) -> str:
    """The ARNs, unless all that is asked for is the one that the calls name."""
    named = {denied.verdict.usage.target.written for denied in cause.denied if denied.verdict.usage.target}
    asked = {str(ruling.row.request.resource) for ruling in cause.rulings}
    return "that profile" if named == asked and len(named) == 1 else resources(cause.rulings)
