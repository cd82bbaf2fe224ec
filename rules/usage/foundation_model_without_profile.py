"""A call through a profile whose models are allowed, while the profile itself is not.

## What it finds

A call through a system-defined inference profile, where the identity policies allow the foundation model
behind it, and nothing allows the profile's own ARN in the caller's Region and account.

Calls in code and in templates count like declared ones.

## Why it matters

Bedrock checks a call through a profile on the profile *and* on its models. Policies that were written for the model's
id break when the code moves on to the id of a profile, and newer models can be called through profiles only.

## How to fix it

Add the ARN of the profile, with the Region that calls and your account. It has no place in a statement with a
condition on `bedrock:InferenceProfileArn`: the request for the profile itself does not carry that key, so allow the
profile in a statement of its own.

## Examples

```json bad
{
  "region": "us-east-1",
  "account": "111122223333",
  "uses": ["converse us.anthropic.claude-sonnet-4-6"],
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
  "uses": ["converse us.anthropic.claude-sonnet-4-6"],
  "policies": {
    "Version": "2012-10-17",
    "Statement": {
      "Effect": "Allow",
      "Action": "bedrock:InvokeModel",
      "Resource": [
        "arn:aws:bedrock:*::foundation-model/anthropic.claude-sonnet-4-6",
        "arn:aws:bedrock:us-east-1:111122223333:inference-profile/us.anthropic.claude-sonnet-4-6"
      ]
    }
  }
}
```

A condition that the request for the profile cannot meet:

```yaml bad
region: us-east-1
account: "111122223333"
uses:
  - converse us.anthropic.claude-sonnet-4-6
policies:
  Version: "2012-10-17"
  Statement:
    Effect: Allow
    Action: bedrock:InvokeModel
    Resource: «arn:aws:bedrock:*::foundation-model/anthropic.claude-sonnet-4-6»
    Condition:
      ArnLike:
        bedrock:InferenceProfileArn: arn:aws:bedrock:*:111122223333:inference-profile/us.*
```

```yaml good
region: us-east-1
account: "111122223333"
uses:
  - converse us.anthropic.claude-sonnet-4-6
policies:
  Version: "2012-10-17"
  Statement:
    - Effect: Allow
      Action: bedrock:InvokeModel
      Resource: arn:aws:bedrock:us-east-1:111122223333:inference-profile/us.anthropic.claude-sonnet-4-6
    - Effect: Allow
      Action: bedrock:InvokeModel
      Resource: arn:aws:bedrock:*::foundation-model/anthropic.claude-sonnet-4-6
      Condition:
        ArnLike:
          bedrock:InferenceProfileArn: arn:aws:bedrock:*:111122223333:inference-profile/us.*
```

## References

- https://docs.aws.amazon.com/bedrock/latest/userguide/inference-profiles-prereq.html
- https://docs.aws.amazon.com/bedrock/latest/userguide/geographic-cross-region-inference.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.diagnosis.problem import PROFILE_KEY, add_resources, problem
from bedrock_policy_lint.diagnosis.wording import fails, layer, resources
from bedrock_policy_lint.model.policy import Resource
from bedrock_policy_lint.rule import Context, Problem, Severity, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.diagnosis.cause import Cause


@rule(Severity.ERROR, gate="permission")
def check(cause: Cause, context: Context) -> Iterator[Problem]:
    entry = cause.place if isinstance(cause.place, Resource) else None
    why = "Bedrock checks a call through a profile on the profile as well as on its models"
    if entry is not None and entry.statement.tests_of(PROFILE_KEY.lower()):
        why += f", and the request for the profile carries no `{PROFILE_KEY}`, which this statement tests"
    yield problem(
        cause,
        f"{fails(cause)}: no {layer(cause)} allows the profile {resources(cause.rulings)}",
        why,
        label="only the model is allowed",
        fix=add_resources(cause, entry),
    )
