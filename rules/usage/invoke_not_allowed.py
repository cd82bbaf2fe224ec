"""A call of a model that no policy allows, and that no policy comes near to allowing.

## What it finds

A call of a model or profile that no identity policy allows, where no entry of theirs names the model, its
profile, or another model of its family.

Calls in code and in templates count like declared ones.

## Why it matters

What no policy allows is denied. If the grant stands in a policy that the declaration does not name, the declaration
is incomplete, and everything that rests on it is too.

## How to fix it

Let the program write the least policy for the call, with the command that the message shows, and attach it; or name
under `policies` the policy that allows it already.

## Examples

```yaml bad
region: us-east-1
account: "111122223333"
uses:
  - «converse us.anthropic.claude-sonnet-4-6»
policies:
  Version: "2012-10-17"
  Statement:
    Effect: Allow
    Action: s3:GetObject
    Resource: arn:aws:s3:::prompts/*
```

```yaml good
region: us-east-1
account: "111122223333"
uses:
  - converse us.anthropic.claude-sonnet-4-6
policies:
  - Version: "2012-10-17"
    Statement:
      Effect: Allow
      Action: s3:GetObject
      Resource: arn:aws:s3:::prompts/*
  - Version: "2012-10-17"
    Statement:
      Effect: Allow
      Action: bedrock:InvokeModel
      Resource:
        - arn:aws:bedrock:us-east-1:111122223333:inference-profile/us.anthropic.claude-sonnet-4-6
        - arn:aws:bedrock:*::foundation-model/anthropic.claude-sonnet-4-6
```

## References

- https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
- https://docs.aws.amazon.com/bedrock/latest/userguide/inference-prereq.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.diagnosis.command import write_policy
from bedrock_policy_lint.diagnosis.problem import grants, problem
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
        "what no policy allows is denied",
        fix=write_policy(cause, context.catalog),
    )
