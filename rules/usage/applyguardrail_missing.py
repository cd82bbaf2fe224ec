"""A call with a guardrail that its caller may not apply.

## What it finds

A call with a guardrail, whose identity policies do not allow `bedrock:ApplyGuardrail` on that guardrail, or
not `bedrock:InvokeAutomatedReasoningPolicy` on a reasoning policy in it.

Calls in code and in templates count like declared ones.

## Why it matters

A guardrail on a call is checked as a request of its own, also when an account or organisation adds it. The grant is on
the guardrail's ARN without a version, and is no part of the grant to invoke models.

## How to fix it

Allow `bedrock:ApplyGuardrail` on the guardrail. It takes no condition `bedrock:GuardrailIdentifier`: the request for
the guardrail itself does not carry that key.

## Examples

```json bad
{
  "region": "us-east-1",
  "account": "111122223333",
  "uses": [
    {
      "api": "converse",
      "model": "amazon.nova-lite-v1:0",
      "guardrail": {"id": "abc123def456", "version": "1"}
    },
    "apply-guardrail xyz789xyz789"
  ],
  "policies": {
    "Version": "2012-10-17",
    "Statement": [
      {
        "Effect": "Allow",
        "Action": "bedrock:InvokeModel",
        "Resource": "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0"
      },
      {
        "Effect": "Allow",
        "Action": "bedrock:ApplyGuardrail",
        "Resource": [
          «"arn:aws:bedrock:us-east-1:111122223333:guardrail/xyz789xyz789"»
        ]
      }
    ]
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
      "model": "amazon.nova-lite-v1:0",
      "guardrail": {"id": "abc123def456", "version": "1"}
    },
    "apply-guardrail xyz789xyz789"
  ],
  "policies": {
    "Version": "2012-10-17",
    "Statement": [
      {
        "Effect": "Allow",
        "Action": "bedrock:InvokeModel",
        "Resource": "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0"
      },
      {
        "Effect": "Allow",
        "Action": "bedrock:ApplyGuardrail",
        "Resource": [
          "arn:aws:bedrock:us-east-1:111122223333:guardrail/xyz789xyz789",
          "arn:aws:bedrock:us-east-1:111122223333:guardrail/abc123def456"
        ]
      }
    ]
  }
}
```

```yaml good
region: us-east-1
account: "111122223333"
uses:
  - api: converse
    model: amazon.nova-lite-v1:0
    guardrail: {id: abc123def456, version: 1}
policies:
  Version: "2012-10-17"
  Statement:
    - Effect: Allow
      Action: bedrock:InvokeModel
      Resource: arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0
    - Effect: Allow
      Action: bedrock:ApplyGuardrail
      Resource: arn:aws:bedrock:us-east-1:111122223333:guardrail/abc123def456
```

## References

- https://docs.aws.amazon.com/bedrock/latest/userguide/guardrails-permissions-id.html
- https://docs.aws.amazon.com/bedrock/latest/userguide/guardrails-enforcements.html
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
        _why(cause),
        label=nearest_label(cause),
        fix=add_grant(cause),
    )


def _why(cause: Cause) -> str:
    if all(ruling.row.part == "reasoning" for ruling in cause.rulings):
        return "AWS checks the automated reasoning policies in a guardrail beside the guardrail"
    return "AWS checks a guardrail beside the model, on the guardrail's ARN without a version"
