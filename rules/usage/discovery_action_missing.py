"""A client looks up models or profiles, and may not.

## What it finds

A lookup (`list`, `list-models`, `list-profiles`, `get-profile`, or a preset whose client makes them), whose
identity policies do not allow `bedrock:ListFoundationModels` or `bedrock:ListInferenceProfiles` on `*`, or
`bedrock:GetInferenceProfile` on the profile.

Calls in code and in templates count like declared ones.

## Why it matters

Some clients look models up before they call one, and stop or offer nothing where they may not. The lists take no
resource: with the ARN of a model they are denied.

## How to fix it

Allow the two lists on `*`, and `bedrock:GetInferenceProfile` on the profile.

## Examples

```json bad
{
  "region": "us-east-1",
  "account": "111122223333",
  "uses": ["list"],
  "policies": {
    "Version": "2012-10-17",
    "Statement": {
      "Effect": "Allow",
      "Action": [
        «"bedrock:ListFoundationModels"»
      ],
      "Resource": "*"
    }
  }
}
```

```json fixed
{
  "region": "us-east-1",
  "account": "111122223333",
  "uses": ["list"],
  "policies": {
    "Version": "2012-10-17",
    "Statement": {
      "Effect": "Allow",
      "Action": [
        "bedrock:ListFoundationModels",
        "bedrock:ListInferenceProfiles"
      ],
      "Resource": "*"
    }
  }
}
```

```yaml good
region: us-east-1
account: "111122223333"
uses:
  - list
  - get-profile us.anthropic.claude-sonnet-4-6
policies:
  Version: "2012-10-17"
  Statement:
    - Effect: Allow
      Action: [bedrock:ListFoundationModels, bedrock:ListInferenceProfiles]
      Resource: "*"
    - Effect: Allow
      Action: bedrock:GetInferenceProfile
      Resource: arn:aws:bedrock:us-east-1:111122223333:inference-profile/us.anthropic.claude-sonnet-4-6
```

## References

- https://docs.aws.amazon.com/bedrock/latest/userguide/inference-profiles-prereq.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.diagnosis.problem import add_grant, grants, nearest_label, problem
from bedrock_policy_lint.diagnosis.wording import fails, layer
from bedrock_policy_lint.rule import Context, Problem, Severity, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.diagnosis.cause import Cause


@rule(Severity.WARNING, gate="permission")
def check(cause: Cause, context: Context) -> Iterator[Problem]:
    preset = cause.first.verdict.usage.preset
    yield problem(
        cause,
        f"{fails(cause)}: no {layer(cause)} allows {grants(cause.rulings)}",
        f"{f'`{preset}`' if preset else 'the client'} looks up models or profiles before it calls one",
        label=nearest_label(cause),
        fix=add_grant(cause),
    )
